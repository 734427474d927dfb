//! No answer before its sync: the system calls of each acknowledged write, in their order.
//!
//! strace stops a thread when a call begins and when the call has ended. If the end of a sync precedes the beginning of an
//! answer in the trace, the service sent the answer after the kernel had synced.

use std::collections::{BTreeSet, HashMap};
use std::thread;

use faults::{Outcomes, Store, report, scaled};
use serde_json::json;
use testkit::Client;

use crate::disk::trace::{Call, belongs, calls, serve};

const OPTIONS: &str = "-s 1000000 -e trace=fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg,openat,\
                       rename,renameat,renameat2,unlink,ftruncate";
/// The writers that write at once.
const WRITERS: usize = 8;

#[test]
fn auth_answers_concurrent_writes_after_their_sync() {
    answers_after_the_sync(Store::of("auth"), scaled(2));
}

#[test]
fn person_answers_concurrent_writes_after_their_sync() {
    answers_after_the_sync(Store::of("person"), scaled(8));
}

#[test]
fn health_answers_concurrent_writes_after_their_sync() {
    answers_after_the_sync(Store::of("health"), scaled(8));
}

/// Each writer makes this many writes; each must be synced before its answer is sent.
fn answers_after_the_sync(store: Store, writes: usize) {
    let mut service = serve(&store, OPTIONS);
    let client = store.started(&mut service).expect("the service starts");
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

    let texts: Vec<_> = (0..WRITERS * writes).map(|number| store.trace_text(number)).collect();
    let calls = calls(&store);
    let mut synced = Synced::default();
    let mut answered = BTreeSet::new();
    let mut unsynced_answers = Vec::new();
    for step in steps(&calls) {
        match step {
            Step::Begins(call) if call.status() == Some(201) => {
                let text = texts.iter().find(|text| call.arguments.contains(&text[..]));
                let text =
                    text.unwrap_or_else(|| panic!("an answer to an unknown write: {}", call.arguments));
                assert!(answered.insert(text), "{text} was answered twice");
                if !synced.durable.contains(&text[..]) {
                    unsynced_answers.push(text);
                }
            }
            step => synced.follow(step, &store, &texts),
        }
    }
    assert_eq!(answered.len(), texts.len(), "an answer is missing from the trace");
    assert!(unsynced_answers.is_empty(), "{}: answered before its sync: {unsynced_answers:?}", store.service);
    check_names_are_durable(&store, &calls);
    report(
        &format!("no answer before its sync, {}", store.service),
        &format!("{} writes from {WRITERS} concurrent clients, every system call traced", texts.len()),
        &format!("{} answers, each after the sync of its write; {} syncs", answered.len(), synced.syncs),
    );
}

/// The texts of the writes that are on the disk at some point of the trace.
#[derive(Default)]
struct Synced<'n> {
    /// Written and not yet synced, by file.
    written: HashMap<String, BTreeSet<&'n str>>,
    /// The writes before each sync that has begun, by the line of the sync.
    covered: HashMap<usize, BTreeSet<&'n str>>,
    durable: BTreeSet<&'n str>,
    syncs: usize,
}

impl<'n> Synced<'n> {
    fn follow(&mut self, step: Step<'_>, store: &Store, texts: &'n [String]) {
        let (Step::Begins(call) | Step::Ends(call)) = step;
        let Some(file) = call.file().filter(|file| belongs(file, &store.dir.path("store"))) else { return };
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
                let written = texts.iter().map(String::as_str);
                let written = written.filter(|text| call.arguments.contains(text));
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

/// Returns the beginnings and ends of calls in the order of the trace.
fn steps<'c>(calls: &'c [Call]) -> Vec<Step<'c>> {
    let both = |call: &'c Call| [(call.begun, Step::Begins(call)), (call.ended, Step::Ends(call))];
    let mut steps: Vec<_> = calls.iter().flat_map(both).collect();
    // For a call on a single line, the beginning comes first.
    steps.sort_by_key(|(at, step)| (*at, matches!(step, Step::Ends(_))));
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Checks that the folder is synced after each file of the store gets its name, and before the first answer: a synced file
/// is lost if its name is not on the disk.
#[track_caller]
fn check_names_are_durable(store: &Store, calls: &[Call]) {
    let path = store.dir.text("store");
    let folder = store.dir.path("").to_str().expect("text").trim_end_matches('/').to_owned();
    let first_answer = calls.iter().find(|call| call.status() == Some(201)).expect("an answer").begun;
    let names = if store.service == "health" { vec![path] } else { vec![format!("{path}-wal"), path] };
    for name in names {
        let quoted = format!("\"{name}\"");
        let made = calls.iter().find(|call| {
            let makes = call.arguments.contains("O_CREAT") || call.name.starts_with("rename");
            makes && call.succeeded && call.arguments.contains(&quoted)
        });
        let made = made.unwrap_or_else(|| panic!("{name} was never created")).ended;
        let synced = calls.iter().find(|call| {
            call.is_sync() && call.succeeded && call.begun > made && call.file() == Some(&folder)
        });
        assert!(synced.is_some_and(|sync| sync.ended < first_answer), "{name}: the name is not durable");
    }
}

#[test]
fn every_kind_of_write_is_synced_before_it_is_answered() {
    for store in ["person", "health"].map(Store::of) {
        let mut service = serve(&store, OPTIONS);
        let client = store.started(&mut service).expect("the service starts");
        let mut outcomes = Outcomes::default();
        let writes = scaled(3);
        for number in 0..writes {
            assert!(outcomes.write(&store, &client, number));
            changes(&store, &client, number);
        }
        service.signal("TERM");
        assert!(service.ended().success());

        // The end of the last write, and the end of the sync after it.
        let (mut written, mut synced, mut answers) = (0, 0, 0);
        for step in steps(&calls(&store)) {
            let (Step::Begins(call) | Step::Ends(call)) = step;
            let of_store = call.file().is_some_and(|file| belongs(file, &store.dir.path("store")));
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
        assert_eq!(answers, writes * kinds, "an answer is missing from the trace");
        report(
            &format!("no answer before its sync, {}", store.service),
            &format!("{answers} sequential writes of {kinds} kinds"),
            "each written and synced before its answer",
        );
    }
}

/// Makes every other kind of write; the last is a deletion.
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
