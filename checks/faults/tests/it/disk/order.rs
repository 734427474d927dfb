//! No answer before its sync: what strace saw of each acknowledged write, in the order in which it was done.
//!
//! strace holds a thread when a call begins and when it has ended. So where the end of a sync stands in the trace
//! above the beginning of an answer, the answer was sent after the kernel had synced.

use std::collections::{BTreeSet, HashMap};
use std::thread;

use faults::{report, scaled};
use serde_json::json;
use testkit::Client;

use crate::disk::store::{Store, Told};
use crate::disk::trace::{Call, belongs, calls, serve};

const OPTIONS: &str = "-s 1000000 -e trace=fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg,openat,\
                       rename,renameat,renameat2,unlink,ftruncate";
/// As many as write at once.
const WRITERS: usize = 8;

#[test]
fn auth_answers_many_at_once_only_after_the_sync_of_each() {
    answers_after_the_sync(Store::auth(), scaled(2));
}

#[test]
fn person_answers_many_at_once_only_after_the_sync_of_each() {
    answers_after_the_sync(Store::person(), scaled(8));
}

#[test]
fn health_answers_many_at_once_only_after_the_sync_of_each() {
    answers_after_the_sync(Store::health(), scaled(8));
}

/// Each of some writers makes so many writes; of every answer the write that it acknowledges was synced.
fn answers_after_the_sync(store: Store, writes: usize) {
    let mut service = serve(&store, OPTIONS);
    let client = store.started(&mut service).expect("it starts");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (store, client) = (&store, &client);
            scope.spawn(move || {
                for number in 0..writes {
                    let number = writer * writes + number;
                    let _ = store.write(client, number).expect("an answer").expect(201);
                }
            });
        }
    });
    service.signal("TERM");
    assert!(service.ended().success());

    let needles: Vec<_> = (0..WRITERS * writes).map(|number| store.needle(number)).collect();
    let calls = calls(&store);
    let mut synced = Synced::default();
    let mut answered = BTreeSet::new();
    let mut unsynced_answers = Vec::new();
    for step in steps(&calls) {
        match step {
            Step::Begins(call) if call.status() == Some(201) => {
                let needle = needles.iter().find(|needle| call.arguments.contains(&needle[..]));
                let needle = needle.unwrap_or_else(|| panic!("an answer to nobody: {}", call.arguments));
                assert!(answered.insert(needle), "{needle} was answered twice");
                if !synced.durable.contains(&needle[..]) {
                    unsynced_answers.push(needle);
                }
            }
            step => synced.follow(step, &store, &needles),
        }
    }
    assert_eq!(answered.len(), needles.len(), "an answer was not seen");
    assert!(unsynced_answers.is_empty(), "{}: answered before its sync: {unsynced_answers:?}", store.service);
    names_are_durable_first(&store, &calls);
    report(
        &format!("no answer before its sync, {}", store.service),
        &format!("{} writes by {WRITERS} at once, every call to the kernel traced", needles.len()),
        &format!("{} answers, each after the sync of its write; {} syncs", answered.len(), synced.syncs),
    );
}

/// Which needles are on the disk at some point of the trace.
#[derive(Default)]
struct Synced<'n> {
    /// Written and not synced, by file.
    written: HashMap<String, BTreeSet<&'n str>>,
    /// Of a sync that has begun, by its line: what was written before it.
    covered: HashMap<usize, BTreeSet<&'n str>>,
    durable: BTreeSet<&'n str>,
    syncs: usize,
}

impl<'n> Synced<'n> {
    fn follow(&mut self, step: Step<'_>, store: &Store, needles: &'n [String]) {
        let (Step::Begins(call) | Step::Ends(call)) = step;
        let Some(file) = call.file().filter(|file| belongs(file, &store.place.path("store"))) else { return };
        match step {
            Step::Begins(call) if call.is_sync() => {
                let covered = self.written.get(file).cloned().unwrap_or_default();
                self.covered.insert(call.begun, covered);
            }
            Step::Ends(call) if call.is_sync() && call.succeeded => {
                self.durable.extend(self.covered.remove(&call.begun).expect("it has begun"));
                self.syncs += 1;
            }
            Step::Ends(call) if call.is_write() && call.succeeded => {
                let written = needles.iter().map(String::as_str);
                let written = written.filter(|needle| call.arguments.contains(needle));
                self.written.entry(file.to_owned()).or_default().extend(written);
            }
            _ => {}
        }
    }
}

#[derive(Clone, Copy)]
enum Step<'c> {
    Begins(&'c Call),
    Ends(&'c Call),
}

/// The beginnings and ends of calls in the order of the trace.
fn steps<'c>(calls: &'c [Call]) -> Vec<Step<'c>> {
    let both = |call: &'c Call| [(call.begun, Step::Begins(call)), (call.ended, Step::Ends(call))];
    let mut steps: Vec<_> = calls.iter().flat_map(both).collect();
    // What stands in one line began before it ended.
    steps.sort_by_key(|(at, step)| (*at, matches!(step, Step::Ends(_))));
    steps.into_iter().map(|(_, step)| step).collect()
}

/// A file that was synced is lost all the same where its name was not: before the first answer the folder was
/// synced after each of the store's files got its name.
#[track_caller]
fn names_are_durable_first(store: &Store, calls: &[Call]) {
    let path = store.place.text("store");
    let folder = store.place.path("").to_str().expect("text").trim_end_matches('/').to_owned();
    let first_answer = calls.iter().find(|call| call.status() == Some(201)).expect("an answer").begun;
    let names = if store.service == "health" { vec![path] } else { vec![format!("{path}-wal"), path] };
    for name in names {
        let quoted = format!("\"{name}\"");
        let made = calls.iter().find(|call| {
            let makes = call.arguments.contains("O_CREAT") || call.name.starts_with("rename");
            makes && call.succeeded && call.arguments.contains(&quoted)
        });
        let made = made.unwrap_or_else(|| panic!("{name} was never made")).ended;
        let synced = calls.iter().find(|call| {
            call.is_sync() && call.succeeded && call.begun > made && call.file() == Some(&folder)
        });
        assert!(synced.is_some_and(|sync| sync.ended < first_answer), "{name}: its name is not durable");
    }
}

#[test]
fn every_kind_of_write_is_synced_before_it_is_answered() {
    for store in [Store::person(), Store::health()] {
        let mut service = serve(&store, OPTIONS);
        let client = store.started(&mut service).expect("it starts");
        let mut told = Told::default();
        let writes = scaled(3);
        for number in 0..writes {
            assert!(store.try_write(&client, number, &mut told));
            changes(&store, &client, number);
        }
        service.signal("TERM");
        assert!(service.ended().success());

        // Of a file what was written last, and what of that was synced.
        let (mut written, mut synced, mut answers) = (0, 0, 0);
        for step in steps(&calls(&store)) {
            let (Step::Begins(call) | Step::Ends(call)) = step;
            let of_store = call.file().is_some_and(|file| belongs(file, &store.place.path("store")));
            match step {
                Step::Ends(call) if of_store && call.is_write() => written = call.ended,
                Step::Ends(call) if of_store && call.is_sync() && call.succeeded && call.begun > written => {
                    synced = call.ended;
                }
                Step::Begins(call) if call.status().is_some_and(|status| status / 100 == 2) => {
                    assert!(written > 0 && synced > written, "{}: {}", store.service, call.arguments);
                    (written, synced, answers) = (0, 0, answers + 1);
                }
                _ => {}
            }
        }
        let kinds = if store.service == "person" { 3 } else { 4 };
        assert_eq!(answers, writes * kinds, "an answer was not seen");
        report(
            &format!("no answer before its sync, {}", store.service),
            &format!("{answers} writes of {kinds} kinds, one after the other"),
            "each was written and synced before its answer",
        );
    }
}

/// Every other kind of write there is, the last of them a deletion.
fn changes(store: &Store, client: &Client, number: usize) {
    let path = if store.service == "person" { "persons" } else { "health" };
    let path = format!("/{path}/{}", number + 1);
    if store.service == "person" {
        let _ = client.put(&path, &json!({"name": "Bob"})).expect(200);
    } else {
        let _ = client.put(&path, &json!({"height": 175})).expect(200);
        let _ = client.patch(&path, &json!({"heart_rate": 62})).expect(200);
    }
    let _ = client.delete(&path).expect(204);
}
