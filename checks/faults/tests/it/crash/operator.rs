//! `kill -9` of `restore`, `adopt` and `keygen --rotate` before every system call that changes or syncs a file, one run for each
//! call. Afterwards the file has its old content or the new one, complete, and the service starts. strace sends the signal.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;

use faults::services::{self, exe};
use faults::{Store, report};
use serde_json::json;
use testkit::{Binary, Client, FakePerson, log};

/// The calls that create, write, sync, rename and remove files.
const CALLS: &str = "openat write pwrite64 copy_file_range fsync fdatasync ftruncate rename renameat2 link linkat unlink \
                     unlinkat mkdir fchmod";
/// More than the calls of one kind that a command makes.
const MOST: usize = 500;
/// The items of the old store, and the items of the copy.
const OLD: Range<usize> = 0..20;
const NEW: Range<usize> = 100..120;

/// The content after a command was killed.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Old,
    New,
    Other(String),
}

#[test]
fn a_killed_restore_leaves_the_old_store_or_the_new_one() {
    for service in ["person", "health"] {
        // The service is killed: its last writes are in the WAL, if it has one.
        let filled = |items: Range<usize>| {
            let store = Store::of(service);
            let mut process = store.dir.serve();
            let client = store.started(&mut process).expect("an empty store");
            for number in items {
                let _ = store.write(&client, number).expect("an answer").expect(201);
            }
            store
        };
        let mut files = filled(OLD).dir.files();
        files.retain(|name, _| name.starts_with("store"));
        let copy = filled(NEW).dir.backup();
        kill_at_each_call(&format!("{service} restore"), |strace| restore(service, &files, &copy, strace));
    }
}

/// Restores a copy below strace, and returns whether `restore` came to its end and which store is there. A second
/// `restore` must succeed.
fn restore(
    service: &'static str,
    files: &BTreeMap<String, Vec<u8>>,
    copy: &[u8],
    strace: &str,
) -> (bool, Outcome) {
    let store = Store::of(service);
    let dir = &store.dir;
    for (name, content) in files {
        dir.write(name, content);
    }
    dir.write("copy", copy);
    let script = format!("{strace} \"$0\" restore < \"$1\"");
    let arguments = ["-c", &script, &exe(service), &dir.text("copy")];
    let finished =
        finished(&mut Binary::start("/bin/sh", &arguments, &[(store.variable, &dir.text("store"))]));
    let items = |client: &Client| store.items(client, OLD.chain(NEW));
    let mut process = dir.serve();
    let found = items(&store.started(&mut process).expect("the old store or the new one"));
    drop(process);
    let outcome = match found {
        found if found == OLD.collect() => Outcome::Old,
        found if found == NEW.collect() => Outcome::New,
        found => Outcome::Other(format!("{found:?}")),
    };
    let again = dir.restore(copy);
    assert_eq!((again.code, &again.err[..]), (Some(0), ""));
    assert_eq!(dir.named(".restored"), Vec::<String>::new(), "a temporary file is left");
    let mut process = dir.serve();
    assert_eq!(items(&store.started(&mut process).expect("the new store")), NEW.collect());
    (finished, outcome)
}

#[test]
fn a_killed_adoption_leaves_the_old_log_or_the_new_one() {
    let person = FakePerson::start();
    person.set_store(Some("old"));
    let dir = services::health(&person.url());
    let mut process = dir.serve();
    let _ = services::ada(&mut process).post("/health/1", &json!({"weight": 57.5})).expect(201);
    drop(process);
    let before = dir.files().remove("store").expect("a log");
    person.set_store(Some("new"));
    kill_at_each_call("health adopt", |strace| {
        let dir = services::health(&person.url());
        dir.write("store", &before);
        let script = format!("{strace} \"$0\" adopt");
        let (file, keys, url) = (dir.text("store"), dir.text("keys"), person.url());
        let variables = [("HEALTH_FILE", &file[..]), ("JWT_KEYS_FILE", &keys), ("PERSON_URL", &url)];
        let finished = finished(&mut Binary::start("/bin/sh", &["-c", &script, &exe("health")], &variables));
        // Damage would stop the start.
        drop(services::ada(&mut dir.serve()));
        let lines = log::read(&dir.path("store"));
        let kept = || dir.named("store.replaced-").iter().any(|name| dir.files()[name] == before);
        let outcome = match lines[1]["origin"].as_str() {
            Some("new") if kept() => Outcome::New,
            _ if dir.files()["store"] == before => Outcome::Old,
            _ => Outcome::Other(format!("{lines:?}")),
        };
        (finished, outcome)
    });
}

#[test]
fn a_killed_key_rotation_leaves_the_old_keys_or_the_new_ones() {
    let dir = services::auth();
    let keys = || fs::read_to_string(dir.path("keys")).expect("the key file is there");
    kill_at_each_call("auth keygen --rotate", |strace| {
        let before = keys();
        let script = format!("{strace} \"$0\" keygen --rotate \"$1\"");
        let arguments = ["-c", &script, &exe("auth"), &dir.text("keys")];
        let finished = finished(&mut Binary::start("/bin/sh", &arguments, &[]));
        // This parses every key, and refuses an incomplete one.
        let checked = dir.run(&["keygen", "--if-missing", &dir.text("keys")], &[]);
        assert_eq!((checked.code, &checked.err[..]), (Some(0), ""));
        let after = keys();
        let outcome = match after.strip_suffix(&before) {
            Some("") => Outcome::Old,
            Some(line) if line.ends_with('\n') && line.lines().count() == 1 => Outcome::New,
            _ => Outcome::Other(after),
        };
        (finished, outcome)
    });
}

/// Runs a command once for each of its system calls. `run` receives the shell words to put before the command, and
/// returns whether it came to its end, and the outcome.
fn kill_at_each_call(command: &str, mut run: impl FnMut(&str) -> (bool, Outcome)) {
    let mut outcomes = Vec::new();
    // strace counts the calls of each kind separately.
    for call in CALLS.split_whitespace() {
        for nth in 1..MOST {
            let inject = format!("inject={call}:signal=KILL:when={nth}");
            let (finished, outcome) = run(&format!("exec strace -f -qq -o /dev/null -e {inject}"));
            if finished {
                break;
            }
            outcomes.push(outcome);
        }
    }
    let count = |wanted: Outcome| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    let (kills, old, new) = (outcomes.len(), count(Outcome::Old), count(Outcome::New));
    report(
        &format!("`kill -9` of `{command}` before each system call on a file"),
        &format!("{kills} kills"),
        &format!("old content {old}, new content {new}, neither {}", kills - old - new),
    );
    assert_eq!(kills, old + new, "{command}: {outcomes:?}");
    assert!(old > 0 && new > 0, "{command}: strace killed it only before or only after the change");
}

/// Waits for a command below strace, and returns whether it came to its end or was killed.
fn finished(strace: &mut Binary) -> bool {
    let status = strace.ended();
    // strace ends as its command does: by the same signal.
    assert!(status.code().is_none_or(|code| code == 0), "{status}: {}", strace.logs());
    status.success()
}
