//! `health backup` and `health restore`: copies of the log, and the copies that `restore` rejects.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use testkit::{Client, FakePerson, Response, StopOnDrop, TestDir, eventually};

use crate::harness::{State, ada_at, at_once, dir, path, record, state};
use crate::log;

pub(crate) const IDS: [i64; 4] = [1, 2, 7, i64::MAX];

/// Starts a person service whose feed of deletions fails, so that the purge writes nothing.
pub(crate) fn person() -> FakePerson {
    let person = FakePerson::start();
    person.says_of_deletions(Response::Close);
    person
}

/// Makes some records, changes one and deletes one.
pub(crate) fn live(ada: &Client) {
    let _ = ada.post(&path(1), &json!({"weight": 60})).expect(201);
    let _ = ada.post(&path(7), &record()).expect(201);
    let _ = ada.post(&path(i64::MAX), &json!({"weight": 0.2})).expect(201);
    let _ = ada.patch(&path(7), &json!({"heart_rate": null})).expect(200);
    let _ = ada.delete(&path(1)).expect(204);
}

/// Returns the records of a service on the log.
fn state_at(dir: &TestDir) -> State {
    state(&ada_at(&mut dir.serve()), IDS)
}

/// Restores a valid copy, and returns the output.
#[track_caller]
fn restored(dir: &TestDir, copy: impl AsRef<[u8]>) -> String {
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    assert_eq!(dir.named(".restored"), Vec::<String>::new(), "a temporary file is left");
    ended.out
}

/// Checks that a copy is rejected with these words, and that all files are unchanged.
#[track_caller]
fn refused(dir: &TestDir, copy: impl AsRef<[u8]>, words: &str) {
    let before = dir.files();
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.out[..]), (Some(1), ""), "{words}");
    assert!(ended.err.starts_with("health: ") && ended.err.contains(words), "{words} in {}", ended.err);
    let after = dir.files();
    assert!(after == before, "{words}: {:?} became {:?}", before.keys(), after.keys());
}

/// Returns a log with a batch of three lines at its end, and the length without that batch.
pub(crate) fn log_with_a_batch() -> (Vec<u8>, usize) {
    let before = [log::empty(), log::put(1, [1, 1], 1, 60.0), log::put(2, [2, 2], 2, 61.0)].concat();
    let batch = [log::put(3, [3, 5], 7, 70.0), log::delete(4, [3, 5], 1), log::put(5, [3, 5], 2, 71.0)];
    ((before.clone() + &batch.concat()).into_bytes(), before.len())
}

/// Returns the records of a log, each with its version, by the id of the person.
pub(crate) fn records_in(content: &[u8]) -> BTreeMap<i64, (u64, Value)> {
    let mut records = BTreeMap::new();
    for line in std::str::from_utf8(content).expect("text").lines() {
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        match line["id"].as_i64() {
            Some(id) if line["op"] == "delete" => drop(records.remove(&id)),
            Some(id) => {
                drop(records.insert(id, (line["seq"].as_u64().expect("a number"), line["record"].take())))
            }
            None => {}
        }
    }
    records
}

#[test]
fn copy_is_restored_into_a_new_folder() {
    let person = person();
    for signal in [None, Some("TERM"), Some("KILL")] {
        let from = dir(&person);
        let mut service = from.serve();
        live(&ada_at(&mut service));
        let expected = state(&ada_at(&mut service), IDS);
        if let Some(signal) = signal {
            service.signal(signal);
            service.ended();
        }
        let copy = from.backup();
        assert!(copy == from.files()["store"]);
        let dir = dir(&person);
        let file = dir.text("new/folder/log");
        let dir = dir.with("HEALTH_FILE", &file);
        assert_eq!(restored(&dir, copy), format!("{file} is restored.\n"));
        let mut service = dir.serve();
        assert_eq!(state(&ada_at(&mut service), IDS), expected);
        // Writes continue with the next number.
        let _ = ada_at(&mut service).put(&path(7), &record()).expect(200);
        log::read(&dir.path("new/folder/log"));
    }
}

#[test]
fn copy_of_a_running_service_holds_all_acknowledged_writes() {
    let person = person();
    let from = dir(&person);
    // A compaction runs during the copies.
    from.write("store", log::overgrown(4000));
    let mut service = from.serve();
    let ada_here = ada_at(&mut service);
    let (acknowledged, done) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let count = || acknowledged.lock().expect("no panic").len();
    let copies = at_once(9, |thread| {
        if thread > 0 {
            for id in (thread as i64 * 100_000..).take_while(|_| !done.load(Ordering::SeqCst)) {
                let _ = ada_here.post(&path(id), &json!({"weight": id % 600 + 1})).expect(201);
                acknowledged.lock().expect("no panic").push(id);
            }
            return Vec::new();
        }
        let _stop = StopOnDrop(&done);
        let copy = |number: usize| {
            eventually("more is written", || (count() > number * 100).then_some(()));
            let before = acknowledged.lock().expect("no panic").clone();
            // Every other copy is made as `cp` would: it may end in half a batch.
            let plain = || fs::read(from.path("store")).expect("the file is there");
            (before, if number.is_multiple_of(2) { plain() } else { from.backup() })
        };
        (1..9).map(copy).collect()
    });
    for (before, copy) in copies.into_iter().flatten() {
        let dir = dir(&person);
        restored(&dir, copy);
        log::read(&dir.path("store"));
        let mut service = dir.serve();
        let ada = ada_at(&mut service);
        for id in before {
            assert_eq!(ada.get(&path(id)).expect(200).json(), json!({"weight": id % 600 + 1}));
        }
    }
}

#[test]
fn copy_ends_with_the_last_complete_batch() {
    let person = person();
    let (whole, kept) = log_with_a_batch();
    let ends = log::beginnings(&whole);
    for length in ends[5..].iter().flat_map(|end| [*end, end + 1, end + 30]) {
        let length = length.min(whole.len());
        let expected = if length == whole.len() { &whole[..] } else { &whole[..kept] };
        let dir = dir(&person);
        dir.write("store", &whole[..length]);
        assert!(dir.backup() == expected, "{length} bytes");
        assert!(dir.files()["store"] == whole[..length], "the log is unchanged");
        dir.write("store", "");
        restored(&dir, &whole[..length]);
        assert_eq!(records_in(&dir.files()["store"]), records_in(expected), "{length} bytes");
    }
}

#[test]
fn restore_keeps_the_replaced_log() {
    let person = person();
    let (here, from) = (dir(&person), dir(&person));
    live(&ada_at(&mut here.serve()));
    let (before, first) = (here.files()["store"].clone(), state_at(&here));
    let _ = ada_at(&mut from.serve()).post(&path(2), &record()).expect(201);
    let second = state_at(&from);
    let said = restored(&here, from.backup());
    let kept = here.named("store.replaced-");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(
        said.contains("; the previous store is kept in ") && said.contains(&here.text(&kept[0])),
        "{said}"
    );
    assert!(here.files()[&kept[0]] == before);
    assert_eq!(state_at(&here), second);
    restored(&here, before);
    assert_eq!(state_at(&here), first);
    // A damaged log can be replaced, and is kept too.
    here.write("store", "nonsense\n");
    restored(&here, from.backup());
    assert_eq!(state_at(&here), second);
    let kept = here.named("store.replaced-");
    assert_eq!((kept.len(), &here.files()[&kept[2]][..]), (3, &b"nonsense\n"[..]));
}

#[test]
fn invalid_copy_is_rejected_and_changes_nothing() {
    let person = person();
    let dir = dir(&person);
    live(&ada_at(&mut dir.serve()));
    refused(&dir, "", "the copy is damaged in line 1");
    refused(&dir, "These are my notes.\n".repeat(1000), "the copy is damaged in line 1");
    refused(&dir, b"SQLite format 3\0", "the copy is damaged in line 1");
    let stranger = log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"put","id":7,"record":{"poids":70}}"#);
    refused(&dir, log::empty() + &stranger, "the copy is damaged in line 4");
    let (whole, _) = log_with_a_batch();
    let beginnings = log::beginnings(&whole);
    for (line, begin) in (1..).zip(&beginnings[..beginnings.len() - 1]) {
        let mut flipped = whole.clone();
        flipped[begin + 20] ^= 4;
        refused(&dir, flipped, &format!("the copy is damaged in line {line}; nothing was changed"));
    }
    // A line is missing; then the snapshot is incomplete.
    let without = [&whole[..beginnings[3]], &whole[beginnings[4]..]].concat();
    refused(&dir, without, "the copy is damaged in line 4");
    refused(&dir, &whole[..beginnings[3] - 1], "the copy is damaged in line 3");
}

#[test]
fn restore_under_a_running_service_is_rejected() {
    let person = person();
    let dir = dir(&person);
    let mut service = dir.serve();
    live(&ada_at(&mut service));
    let before = state(&ada_at(&mut service), IDS);
    refused(&dir, log_with_a_batch().0, "store is in use by another process");
    assert_eq!(state(&ada_at(&mut service), IDS), before);
    let _ = ada_at(&mut service).put(&path(7), &record()).expect(200);
}

#[test]
fn temporary_file_of_an_earlier_restore_does_no_harm() {
    let person = person();
    let dir = dir(&person);
    let (whole, kept) = log_with_a_batch();
    dir.write("store.restored", [&whole[..], &whole].concat());
    restored(&dir, &whole[..kept]);
    assert_eq!(records_in(&dir.files()["store"]), records_in(&whole[..kept]));
}

/// `/dev/full` is Linux's.
#[cfg(target_os = "linux")]
#[test]
fn failed_output_of_a_backup_is_an_error() {
    use std::process::Stdio;
    let person = person();
    let dir = dir(&person);
    let full = || Stdio::from(fs::File::options().write(true).open("/dev/full").expect("it is there"));
    let (reader, gone) = std::io::pipe().expect("a pipe");
    drop(reader);
    // The long log exceeds a pipe, which another test's fork may hold open for a moment. The short log fits into
    // any buffer, so that only the flush fails.
    let (long, short) = (log::overgrown(10), log::empty());
    for (log, output, words) in [
        (&long, Stdio::from(gone), "Broken pipe"),
        (&long, full(), "No space left"),
        (&short, full(), "No space left"),
    ] {
        dir.write("store", log);
        let before = dir.files();
        let ended = dir.backup_to(output);
        assert_eq!(ended.code, Some(1), "{words}");
        assert!(ended.err.contains(words) && ended.err.contains(&dir.text("store")), "{}", ended.err);
        assert!(dir.files() == before, "{words}");
    }
}

#[test]
fn backup_of_a_damaged_or_missing_log_is_an_error() {
    let person = person();
    let dir = dir(&person);
    for name in ["store", "no/such/folder/store"] {
        let file = dir.text(name);
        let ended = dir.run(&["backup"], &[("HEALTH_FILE", &file)]);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        assert!(ended.err.contains(&file) && ended.err.contains("No such file"), "{}", ended.err);
        assert!(!dir.path("no").exists());
        assert_eq!(dir.named(""), ["keys"]);
    }
    let (mut damaged, kept) = log_with_a_batch();
    damaged[kept - 30] ^= 1;
    dir.write("store", &damaged);
    let ended = dir.run(&["backup"], &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("store is damaged in line 5"), "{}", ended.err);
    assert!(dir.files()["store"] == damaged);
}
