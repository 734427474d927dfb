//! `kill -9` before every single system call that changes or syncs a file, one run each: no moment is left to chance.
//! strace does the killing.

use std::fs;

use testkit::{Binary, Place};

use super::operator::of_keys;
use super::restoring::{Outcome, Restoring, judge};

/// The calls that make, fill, sync, rename and remove files.
const CALLS: [&str; 15] = [
    "openat",
    "write",
    "pwrite64",
    "copy_file_range",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "fchmod",
];
/// A command makes far fewer of one kind.
const MOST: usize = 500;

#[test]
fn a_restore_killed_before_any_of_its_system_calls_leaves_the_old_store_or_the_new_one() {
    for restoring in [Restoring::of_person(), Restoring::of_health()] {
        let outcomes = moments(|prefix| {
            let mut ended_of_itself = false;
            let outcome = restoring.cut_short_by(prefix, |strace| ended_of_itself = ended(strace));
            (ended_of_itself, outcome)
        });
        judge(
            &format!("`kill -9` of `{} restore` before each system call on a file", restoring.service),
            &outcomes,
        );
        assert_both(&outcomes);
    }
}

#[test]
fn a_rotation_killed_before_any_of_its_system_calls_leaves_the_old_keys_or_the_new_ones() {
    let place = faults::auth();
    let keys = || fs::read_to_string(place.path("keys")).expect("the key file is there");
    let outcomes = moments(|prefix| {
        let before = keys();
        let script = format!("{prefix} \"$0\" keygen --rotate \"$1\"");
        let arguments = ["-c", &script, &faults::exe("auth"), &place.text("keys")];
        let ended_of_itself = ended(&mut Binary::start("/bin/sh", &arguments, &[]));
        is_sound(&place);
        (ended_of_itself, of_keys(&before, keys()))
    });
    judge("`kill -9` of `auth keygen --rotate` before each system call on a file", &outcomes);
    assert_both(&outcomes);
}

/// Checks that there were kills before and after it was done: else strace did not do what it was told.
#[track_caller]
fn assert_both(outcomes: &[Outcome]) {
    assert!(outcomes.contains(&Outcome::Old) && outcomes.contains(&Outcome::New), "{outcomes:?}");
}

/// Runs a command once for each of its calls; it is given what a shell must put before it to be killed there, and
/// says whether it came to its end, and what there is then. Gives what there is after each kill.
fn moments<T>(mut run: impl FnMut(&str) -> (bool, T)) -> Vec<T> {
    let mut after_kills = Vec::new();
    // strace counts each call of its own.
    for call in CALLS {
        for nth in 1..MOST {
            let inject = format!("inject={call}:signal=KILL:when={nth}");
            let (ended_of_itself, after) = run(&format!("exec strace -f -qq -o /dev/null -e {inject}"));
            if ended_of_itself {
                break;
            }
            after_kills.push(after);
        }
    }
    after_kills
}

/// Whether a command under strace came to its end; else it was killed.
fn ended(strace: &mut Binary) -> bool {
    let status = strace.ended();
    // strace ends as what it runs does: by the same signal.
    assert!(status.code().is_none_or(|code| code == 0), "{status}: {}", strace.logs());
    status.success()
}

/// Checks that every key can be parsed.
#[track_caller]
fn is_sound(place: &Place) {
    let checked = place.run(&["keygen", "--if-missing", &place.text("keys")], &[]);
    assert_eq!((checked.code, &checked.err[..]), (Some(0), ""));
}
