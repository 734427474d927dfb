//! Disks with one failing system call, each call in turn: strace returns an error instead of the N-th call.
//!
//! Whichever call fails: acknowledged items are there afterwards, refused items are not, and a service that no longer knows
//! the content of the disk ends with an error message, without a second try.

use std::collections::{BTreeMap, BTreeSet};

use faults::{Outcomes, Store, report, scaled};
use testkit::Binary;

use crate::disk::trace::{Call, belongs, calls, serve, signalled};

/// The system calls that fail, and their error.
type Failure = (&'static str, &'static str);

const FAILED_SYNC: Failure = ("fsync,fdatasync", "EIO");
const FAILURES: [Failure; 7] = [
    FAILED_SYNC,
    ("fsync,fdatasync", "ENOSPC"),
    ("write,writev,pwrite64", "EIO"),
    ("write,writev,pwrite64", "ENOSPC"),
    ("write,writev,pwrite64", "EDQUOT"),
    ("rename,renameat,renameat2,unlink", "EIO"),
    ("openat", "EIO"),
];
/// Enough that the writing thread makes each of its calls, like the thread that starts the service.
const WRITES: usize = 4;

#[test]
fn auth_keeps_its_promises_whichever_sync_fails() {
    fail_each_call("auth", &[FAILED_SYNC]);
}

#[test]
fn person_keeps_its_promises_whichever_call_fails() {
    fail_each_call("person", &FAILURES);
}

#[test]
fn health_keeps_its_promises_whichever_call_fails() {
    fail_each_call("health", &FAILURES);
}

/// The counts of an attack.
#[derive(Default)]
struct Tally {
    lives: usize,
    failures: usize,
    refused_to_start: usize,
    ended: usize,
    lived_on: usize,
    acknowledged: usize,
    refused: usize,
}

/// Makes some calls of each kind fail, on a new store and on an existing one.
fn fail_each_call(service: &'static str, failures: &[Failure]) {
    for failure in failures {
        let mut tally = Tally::default();
        for is_new in [true, false] {
            let count = live(&Store::of(service), is_new, *failure, None, &mut Tally::default());
            for nth in spread(count, scaled(2)) {
                live(&Store::of(service), is_new, *failure, Some(nth), &mut tally);
            }
        }
        let (calls, error) = failure;
        let Tally { lives, failures, refused_to_start, ended, lived_on, acknowledged, refused } = tally;
        report(
            &format!("{error} from {calls}, {service}"),
            &format!("{lives} runs with one failure each; {failures} hit it"),
            &format!(
                "{refused_to_start} refused to start, {ended} exited with an error message, {lived_on} kept running; \
                 {acknowledged} acknowledged, all kept; {refused} refused (507), none kept"
            ),
        );
    }
}

/// Returns at most `most` numbers from 1 to `last`, including both.
fn spread(last: usize, most: usize) -> BTreeSet<usize> {
    let steps = most.min(last).max(1);
    let all = (0..steps).map(|step| 1 + step * last.saturating_sub(1) / (steps - 1).max(1));
    all.filter(|nth| *nth <= last).collect()
}

/// Starts a service in which the n-th call fails, or none, writes to it, and checks its promises. Returns how many such
/// calls of one kind the busiest thread has made: strace counts each kind and each thread separately.
fn live(store: &Store, is_new: bool, failure: Failure, nth: Option<usize>, tally: &mut Tally) -> usize {
    let mut outcomes = Outcomes::default();
    if !is_new {
        let mut service = store.dir.serve();
        let client = store.started(&mut service).expect("no call fails");
        assert!((0..2).all(|number| outcomes.write(store, &client, number)));
        // After a kill there is a WAL to read.
        service.signal("KILL");
        let _ = service.ended();
    }
    let mut service = serve(store, &options(store, failure, nth));
    let started = store.started(&mut service);
    let is_ready = started.is_ok();
    if let Ok(client) = started {
        let mut numbers = 2..2 + WRITES;
        if numbers.all(|number| outcomes.write(store, &client, number)) {
            service.signal("TERM");
        }
    }
    let code = service.ended().code();
    let calls = calls(store);
    check_end(store, &service, code, is_ready, &outcomes);
    check_after_failed_sync(store, code, is_ready, &calls);

    let mut again = store.dir.serve();
    let client = store.started(&mut again).expect("no call fails any more");
    outcomes.check(store, &client);
    assert!(outcomes.write(store, &client, 10) && outcomes.acknowledged.contains(&10));

    tally.lives += 1;
    tally.failures += usize::from(calls.iter().any(|call| call.injected));
    tally.refused_to_start += usize::from(!is_ready);
    tally.ended += usize::from(is_ready && code == Some(1));
    tally.lived_on += usize::from(code == Some(0));
    tally.acknowledged += outcomes.acknowledged.len();
    tally.refused += outcomes.absent.len();
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| failure.0.split(',').any(|name| name == call.name)) {
        *counts.entry((&call.thread, &call.name)).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

/// Returns strace's options. It counts, and lets fail, only calls for the store or its folder.
fn options(store: &Store, (calls, error): Failure, nth: Option<usize>) -> String {
    let path = store.dir.text("store");
    // The syncs are always traced, to see whether a failed sync is repeated.
    let mut options = format!("-P {} -e trace=fsync,fdatasync,{calls}", folder(store));
    for suffix in ["", "-wal", "-journal", ".draft"] {
        options.push_str(&format!(" -P {path}{suffix}"));
    }
    if let Some(nth) = nth {
        options.push_str(&format!(" -e inject={calls}:error={error}:when={nth}"));
    }
    options
}

fn folder(store: &Store) -> String {
    store.dir.text("").trim_end_matches('/').to_owned()
}

/// Checks the exit code and the error message.
fn check_end(store: &Store, service: &Binary, code: Option<i32>, is_ready: bool, outcomes: &Outcomes) {
    match code {
        Some(0) => assert!(is_ready && outcomes.unknown.is_empty(), "{}", service.logs()),
        Some(1) => {
            let error = store.error(service);
            let error = error.unwrap_or_else(|| panic!("no error message: {}", service.logs()));
            let words = if is_ready { "its state is unknown" } else { "store" };
            assert!(error.contains(words), "{error}");
        }
        other => panic!("{} ended with {other:?}: {}", store.service, service.logs()),
    }
}

/// Checks that the service ends after a failed sync, and does not repeat it.
fn check_after_failed_sync(store: &Store, code: Option<i32>, is_ready: bool, calls: &[Call]) {
    let path = store.dir.path("store");
    let of_store = |call: &&Call| call.is_sync() && call.file().is_some_and(|file| belongs(file, &path));
    let Some(failed) = calls.iter().filter(of_store).find(|call| call.injected) else { return };
    let stopping = signalled(store, "TERM").is_some_and(|line| line < failed.begun);
    assert!(code == Some(1) || stopping, "{}: lived on after {failed:?}", store.service);
    // A failed start may roll back a change that was never acknowledged, and sync the rollback; a running service may not.
    let again = calls.iter().filter(of_store).filter(|call| call.begun > failed.ended);
    let again: Vec<_> = again.filter(|call| call.file() == failed.file()).collect();
    assert!(again.is_empty() || !is_ready, "{}: after a failed sync: {again:?}", store.service);
}

/// SQLite answers that a database is in WAL mode before the commit that makes it so.
#[test]
fn a_database_whose_change_to_wal_mode_fails_is_not_served() {
    // The journal, its folder, the journal again; then the database.
    refuses_to_start("person", |store| options(store, FAILED_SYNC, Some(4)));
}

/// SQLite syncs the folder of a new file, and ignores the result.
#[test]
fn a_store_in_a_folder_that_cannot_be_synced_is_not_served() {
    for service in ["auth", "person", "health"] {
        refuses_to_start(service, |store| {
            format!("-P {} -e trace=fsync -e inject=fsync:error=EIO", folder(store))
        });
    }
}

fn refuses_to_start(service: &'static str, options: impl Fn(&Store) -> String) {
    let store = Store::of(service);
    let mut process = serve(&store, &options(&store));
    let started = store.started(&mut process);
    if started.is_ok() {
        process.signal("KILL");
    }
    let code = process.ended().code();
    assert!(calls(&store).iter().any(|call| call.injected), "no call failed");
    let error = started.err().unwrap_or_else(|| panic!("{service} started"));
    assert!(code == Some(1) && error.contains("store"), "{code:?}: {error}");
}

#[test]
fn a_log_that_cannot_be_truncated_takes_no_more_writes() {
    let store = Store::of("health");
    let path = store.dir.text("store");
    let no_room = "inject=write:error=ENOSPC:when=2";
    let mut service = serve(
        &store,
        &format!("-P {path} -e trace=write,ftruncate -e {no_room} -e inject=ftruncate:error=EIO"),
    );
    let client = store.started(&mut service).expect("no call fails before the second write");
    let mut outcomes = Outcomes::default();
    assert!(outcomes.write(&store, &client, 0), "the first write fails");
    assert!(!outcomes.write(&store, &client, 1), "the second write is refused as if it left no trace");
    assert_eq!(service.ended().code(), Some(1));
    let error = store.error(&service).expect("an error message");
    assert!(error.contains("its state is unknown"), "{error}");
    let mut again = store.dir.serve();
    let client = store.started(&mut again).expect("no call fails any more");
    outcomes.check(&store, &client);
}
