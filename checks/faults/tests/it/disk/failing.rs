//! Disks on which one call fails, each call in turn: strace gives an error in place of the N-th one.
//!
//! Whatever fails and whenever: what was acknowledged is there afterwards, what was refused is not, and whoever no
//! longer knows what is on the disk ends with a sentence, without a second try.

use std::collections::{BTreeMap, BTreeSet};

use faults::{report, scaled};
use testkit::Binary;

use crate::disk::store::{Store, Told};
use crate::disk::trace::{Call, belongs, calls, serve, signalled};

/// The calls that fail, and how.
struct Failure {
    calls: &'static str,
    error: &'static str,
}

const SYNC: Failure = Failure { calls: "fsync,fdatasync", error: "EIO" };
const FAILURES: [Failure; 7] = [
    SYNC,
    Failure { calls: "fsync,fdatasync", error: "ENOSPC" },
    Failure { calls: "write,writev,pwrite64", error: "EIO" },
    Failure { calls: "write,writev,pwrite64", error: "ENOSPC" },
    Failure { calls: "write,writev,pwrite64", error: "EDQUOT" },
    Failure { calls: "rename,renameat,renameat2,unlink", error: "EIO" },
    Failure { calls: "openat", error: "EIO" },
];
/// Enough that each of the calls of a write is made by the thread that writes as well as by the one that starts.
const WRITES: usize = 4;

#[test]
fn auth_keeps_its_word_whichever_sync_fails() {
    keeps_its_word(Store::auth, &[SYNC], scaled(2));
}

#[test]
fn person_keeps_its_word_whichever_call_fails() {
    keeps_its_word(Store::person, &FAILURES, scaled(2));
}

#[test]
fn health_keeps_its_word_whichever_call_fails() {
    keeps_its_word(Store::health, &FAILURES, scaled(2));
}

/// What came of some lives of a service.
#[derive(Default)]
struct Came {
    lives: usize,
    struck: usize,
    refused_to_start: usize,
    ended: usize,
    lived_on: usize,
    kept: usize,
    refused: usize,
}

/// Each kind of failure at no more than `most` calls, of a store that is new and of one that was there.
fn keeps_its_word(store: fn() -> Store, failures: &[Failure], most: usize) {
    let mut service = "";
    for failure in failures {
        let mut came = Came::default();
        for is_new in [true, false] {
            let counted = live(&store(), is_new, failure, None, &mut Came::default());
            for at in spread(counted, most) {
                let store = store();
                service = store.service;
                live(&store, is_new, failure, Some(at), &mut came);
            }
        }
        let Failure { calls, error } = failure;
        report(
            &format!("{error} from {calls}, {service}"),
            &format!("{} lives, one failure each; {} came to it", came.lives, came.struck),
            &format!(
                "{} refused to start, {} ended with a sentence, {} lived on; {} acknowledged and all there, {} refused \
                 (507) and none there",
                came.refused_to_start, came.ended, came.lived_on, came.kept, came.refused
            ),
        );
    }
}

/// At most `most` of the numbers up to `last`, the first and the last among them.
fn spread(last: usize, most: usize) -> BTreeSet<usize> {
    let steps = most.min(last).max(1);
    let all = (0..steps).map(|step| 1 + step * last.saturating_sub(1) / (steps - 1).max(1));
    all.filter(|at| *at <= last).collect()
}

/// One life of a service in which the `at`-th call fails, or none, and what was promised of it. Gives how many such
/// calls the busiest thread made: strace counts those of each thread.
fn live(store: &Store, is_new: bool, failure: &Failure, at: Option<usize>, came: &mut Came) -> usize {
    let mut told = Told::default();
    if !is_new {
        let mut service = store.place.serve();
        let client = store.started(&mut service).expect("nothing fails");
        assert!((0..2).all(|number| store.try_write(&client, number, &mut told)));
        // Not stopped cleanly: there is a WAL to read.
        service.signal("KILL");
        let _ = service.ended();
    }
    let mut service = serve(store, &options(store, failure, at));
    let started = store.started(&mut service);
    let is_ready = started.is_ok();
    if let Ok(client) = started {
        let mut numbers = 2..2 + WRITES;
        if numbers.all(|number| store.try_write(&client, number, &mut told)) {
            service.signal("TERM");
        }
    }
    // Of itself, unless every write was answered.
    let code = service.ended().code();
    let calls = calls(store);
    judge(store, &service, code, is_ready, &told, &calls);

    let mut again = store.place.serve();
    let client = store.started(&mut again).expect("nothing fails any more");
    store.check(&client, &told);
    assert!(store.try_write(&client, 10, &mut told) && told.kept.contains(&10));
    count(came, code, is_ready, &told, &calls);
    calls_of_busiest(&calls, failure)
}

/// Only calls that are about the store or its folder are counted, and fail.
fn options(store: &Store, failure: &Failure, at: Option<usize>) -> String {
    let path = store.place.text("store");
    let folder = store.place.text("");
    let mut options = format!("-P {} -e trace={}", folder.trim_end_matches('/'), failure.calls);
    for suffix in ["", "-wal", "-journal", ".draft"] {
        options.push_str(&format!(" -P {path}{suffix}"));
    }
    if let Some(at) = at {
        options.push_str(&format!(" -e inject={}:error={}:when={at}", failure.calls, failure.error));
    }
    // To see whether a failed sync is tried again, the syncs are traced whatever fails.
    options.replace("trace=", "trace=fsync,fdatasync,")
}

/// How it ended, and what it did after a sync had failed.
fn judge(store: &Store, service: &Binary, code: Option<i32>, is_ready: bool, told: &Told, calls: &[Call]) {
    let sentence = store.sentence(service);
    match code {
        Some(0) => assert!(is_ready && told.unknown.is_empty(), "{}", service.logs()),
        Some(1) => {
            let sentence = sentence.unwrap_or_else(|| panic!("ended without a word: {}", service.logs()));
            let words = if is_ready { "its state is unknown" } else { "store" };
            assert!(sentence.contains(words), "{sentence}");
        }
        other => panic!("{} ended with {other:?}: {}", store.service, service.logs()),
    }
    let path = store.place.path("store");
    let of_store = |call: &&Call| call.is_sync() && call.file().is_some_and(|file| belongs(file, &path));
    let Some(failed) = calls.iter().filter(of_store).find(|call| call.injected) else { return };
    let stopping = signalled(store, "TERM").is_some_and(|line| line < failed.begun);
    assert!(code == Some(1) || stopping, "{}: lived on after {failed:?}", store.service);
    // A start that fails may roll back what nobody was told of, and sync that; a service that had started may not.
    let again = calls.iter().filter(of_store).filter(|call| call.begun > failed.ended);
    let again: Vec<_> = again.filter(|call| call.file() == failed.file()).collect();
    assert!(again.is_empty() || !is_ready, "{}: after a failed sync: {again:?}", store.service);
}

fn count(came: &mut Came, code: Option<i32>, is_ready: bool, told: &Told, calls: &[Call]) {
    came.lives += 1;
    came.struck += usize::from(calls.iter().any(|call| call.injected));
    came.refused_to_start += usize::from(!is_ready);
    came.ended += usize::from(is_ready && code == Some(1));
    came.lived_on += usize::from(code == Some(0));
    came.kept += told.kept.len();
    came.refused += told.refused.len();
}

fn calls_of_busiest(calls: &[Call], failure: &Failure) -> usize {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| failure.calls.split(',').any(|name| name == call.name)) {
        *counts.entry((&call.thread, &call.name)).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

/// The answer that a database is in WAL mode comes before the commit that puts it there.
#[test]
fn a_database_that_could_not_be_put_in_wal_mode_is_not_served_from() {
    // The journal, its folder, the journal again; then the database.
    refuses_to_start(&Store::person(), |store| options(store, &SYNC, Some(4)));
}

/// SQLite syncs the folder that it makes a file in, and does not look at what comes of it.
#[test]
fn a_store_in_a_folder_that_cannot_be_synced_is_not_served_from() {
    let folder = |store: &Store| store.place.text("").trim_end_matches('/').to_owned();
    for store in [Store::auth(), Store::person(), Store::health()] {
        refuses_to_start(&store, |store| {
            format!("-P {} -e trace=fsync -e inject=fsync:error=EIO", folder(store))
        });
    }
}

fn refuses_to_start(store: &Store, options: impl Fn(&Store) -> String) {
    let mut service = serve(store, &options(store));
    let started = store.started(&mut service);
    if started.is_ok() {
        service.signal("KILL");
    }
    let code = service.ended().code();
    assert!(calls(store).iter().any(|call| call.injected), "nothing failed");
    let sentence = started.err().unwrap_or_else(|| panic!("{} served all the same", store.service));
    assert!(code == Some(1) && sentence.contains("store"), "{code:?}: {sentence}");
}

#[test]
fn a_log_that_cannot_be_cut_back_is_written_no_more() {
    let store = Store::health();
    let path = store.place.text("store");
    let no_room = "inject=write:error=ENOSPC:when=2";
    let mut service = serve(
        &store,
        &format!("-P {path} -e trace=write,ftruncate -e {no_room} -e inject=ftruncate:error=EIO"),
    );
    let client = store.started(&mut service).expect("nothing fails before the second write");
    let mut told = Told::default();
    assert!(store.try_write(&client, 0, &mut told), "the first write fails");
    assert!(!store.try_write(&client, 1, &mut told), "the second is told to have failed cleanly");
    assert_eq!(service.ended().code(), Some(1));
    let sentence = store.sentence(&service).expect("a sentence");
    assert!(sentence.contains("its state is unknown"), "{sentence}");
    let mut again = store.place.serve();
    let client = store.started(&mut again).expect("nothing fails any more");
    store.check(&client, &told);
}
