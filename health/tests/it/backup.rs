//! `health backup` and `health restore`: copies of the log, and what is refused for one.

use std::fs::{self, File};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;
use testkit::{Binary, Client, FakePerson, Place, Say, eventually, tokens};

use crate::lab::{State, path, place, record, state};
use crate::log;

const IDS: [i64; 4] = [1, 2, 7, i64::MAX];

/// A person service that leaves the log alone: asked for deletions, it fails.
fn person() -> FakePerson {
    let person = FakePerson::start();
    person.says_of_deletions(Say::Close);
    person
}

fn ada(service: &mut Binary) -> Client {
    service.client().with_token(&tokens::user("ada"))
}

/// Keeps records, of which one is changed and one deleted.
fn live(ada: &Client) {
    let _ = ada.post(&path(1), &json!({"weight": 60})).expect(201);
    let _ = ada.post(&path(7), &record()).expect(201);
    let _ = ada.post(&path(i64::MAX), &json!({"weight": 0.2})).expect(201);
    let _ = ada.patch(&path(7), &json!({"heart_rate": null})).expect(200);
    let _ = ada.delete(&path(1)).expect(204);
}

/// What a log says once it is served.
fn state_at(place: &Place) -> State {
    state(&ada(&mut place.serve()), IDS)
}

/// Restores where a copy must do; gives what was said.
#[track_caller]
fn restored(place: &Place, copy: impl AsRef<[u8]>) -> String {
    let ended = place.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    assert_eq!(place.named(".restored"), Vec::<String>::new(), "nothing is left of the draft");
    ended.out
}

/// Checks that a copy is refused with these words, and that not a byte is another afterwards.
#[track_caller]
fn refused(place: &Place, copy: impl AsRef<[u8]>, words: &str) {
    let before = place.files();
    let ended = place.restore(copy);
    assert_eq!((ended.code, &ended.out[..]), (Some(1), ""), "{words}");
    assert!(ended.err.starts_with("health: ") && ended.err.contains(words), "{words} in {}", ended.err);
    let after = place.files();
    assert!(after == before, "{words}: {:?} became {:?}", before.keys(), after.keys());
}

/// A log of single lines and a batch of three at its end, and the length of what is before that.
fn log_with_a_batch() -> (Vec<u8>, usize) {
    let before = [log::empty(), log::put(1, [1, 1], 1, 60.0), log::put(2, [2, 2], 2, 61.0)].concat();
    let batch = [log::put(3, [3, 5], 7, 70.0), log::delete(4, [3, 5], 1), log::put(5, [3, 5], 2, 71.0)];
    ((before.clone() + &batch.concat()).into_bytes(), before.len())
}

#[test]
fn a_copy_gives_the_same_records_and_etags_in_a_folder_that_is_not_there_yet() {
    let person = person();
    for signal in [None, Some("TERM"), Some("KILL")] {
        let from = place(&person);
        let mut service = from.serve();
        live(&ada(&mut service));
        let expected = state(&ada(&mut service), IDS);
        if let Some(signal) = signal {
            service.signal(signal);
            service.ended();
        }
        let copy = from.backup();
        assert!(copy == from.files()["store"]);
        let place = place(&person);
        let file = place.text("new/folder/log");
        let place = place.with("HEALTH_FILE", &file);
        assert_eq!(restored(&place, copy), format!("{file} is restored.\n"));
        let mut service = place.serve();
        assert_eq!(state(&ada(&mut service), IDS), expected);
        // What comes next goes on from there.
        let _ = ada(&mut service).put(&path(7), &record()).expect(200);
        log::read(&place.path("new/folder/log"));
    }
}

#[test]
fn a_copy_of_a_service_in_use_holds_all_that_was_acknowledged_before_it_was_begun() {
    let person = person();
    let from = place(&person);
    // It is written anew while it is copied.
    from.write("store", log::overgrown(4000));
    let mut service = from.serve();
    let ada_here = ada(&mut service);
    let (acknowledged, ended) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let count = || acknowledged.lock().expect("no panic").len();
    let copies = thread::scope(|scope| {
        for writer in 1..=8 {
            let (ada, acknowledged, ended) = (&ada_here, &acknowledged, &ended);
            scope.spawn(move || {
                let ids = (writer * 100_000..).take_while(|_| !ended.load(Ordering::SeqCst));
                for id in ids {
                    let _ = ada.post(&path(id), &json!({"weight": id % 600 + 1})).expect(201);
                    acknowledged.lock().expect("no panic").push(id);
                }
            });
        }
        let copy = |number: usize| {
            eventually("more is written", || (count() > number * 100).then_some(()));
            let before = acknowledged.lock().expect("no panic").clone();
            // Every other one as `cp` would make it: it may end in half a batch.
            let plain = || fs::read(from.path("store")).expect("the file is there");
            (before, if number.is_multiple_of(2) { plain() } else { from.backup() })
        };
        let copies: Vec<_> = (1..9).map(copy).collect();
        ended.store(true, Ordering::SeqCst);
        copies
    });
    for (before, copy) in copies {
        let place = place(&person);
        restored(&place, copy);
        log::read(&place.path("store"));
        let mut service = place.serve();
        let ada = ada(&mut service);
        for id in before {
            assert_eq!(ada.get(&path(id)).expect(200).json(), json!({"weight": id % 600 + 1}));
        }
    }
}

#[test]
fn a_copy_ends_with_the_last_batch_that_is_whole() {
    let person = person();
    let (whole, kept) = log_with_a_batch();
    for length in kept..=whole.len() {
        let expected = if length == whole.len() { &whole[..] } else { &whole[..kept] };
        let place = place(&person);
        place.write("store", &whole[..length]);
        assert!(place.backup() == expected, "{length} bytes");
        assert!(place.files()["store"] == whole[..length], "the log is left alone");
        place.write("store", "");
        restored(&place, &whole[..length]);
        assert!(place.files()["store"] == expected, "{length} bytes");
    }
}

#[test]
fn what_was_there_is_kept_and_can_be_used() {
    let person = person();
    let (here, from) = (place(&person), place(&person));
    live(&ada(&mut here.serve()));
    let (before, first) = (here.files()["store"].clone(), state_at(&here));
    let _ = ada(&mut from.serve()).post(&path(2), &record()).expect(201);
    let second = state_at(&from);
    let said = restored(&here, from.backup());
    let kept = here.named("store.replaced-");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(said.contains("; what it held is kept in ") && said.contains(&here.text(&kept[0])), "{said}");
    assert!(here.files()[&kept[0]] == before);
    assert_eq!(state_at(&here), second);
    restored(&here, before);
    assert_eq!(state_at(&here), first);
    // A damaged one can be replaced, and is kept as well.
    here.write("store", "nonsense\n");
    restored(&here, from.backup());
    assert_eq!(state_at(&here), second);
    let kept = here.named("store.replaced-");
    assert_eq!((kept.len(), &here.files()[&kept[2]][..]), (3, &b"nonsense\n"[..]));
}

#[test]
fn what_will_not_do_is_refused_and_nothing_is_changed() {
    let person = person();
    let place = place(&person);
    live(&ada(&mut place.serve()));
    refused(&place, "", "the copy is damaged in line 1");
    refused(&place, "These are my notes.\n".repeat(1000), "the copy is damaged in line 1");
    refused(&place, [0xA5; 10_000], "the copy is damaged in line 1");
    refused(&place, b"SQLite format 3\0", "the copy is damaged in line 1");
    let stranger = log::seal(r#"{"seq":1,"batch":[1,1],"op":"put","id":7,"record":{"poids":70}}"#);
    refused(&place, log::empty() + &stranger, "the copy is damaged in line 4");
    let (whole, _) = log_with_a_batch();
    let beginnings = log::beginnings(&whole);
    for (line, begin) in (1..).zip(&beginnings[..beginnings.len() - 1]) {
        let mut flipped = whole.clone();
        flipped[begin + 20] ^= 4;
        refused(&place, flipped, &format!("the copy is damaged in line {line}; nothing was changed"));
    }
    // A line is missing; the snapshot is not whole.
    let without = [&whole[..beginnings[3]], &whole[beginnings[4]..]].concat();
    refused(&place, without, "the copy is damaged in line 4");
    refused(&place, &whole[..beginnings[3] - 1], "the copy is damaged in line 3");
}

#[test]
fn nothing_is_restored_below_a_running_service() {
    let person = person();
    let place = place(&person);
    let mut service = place.serve();
    live(&ada(&mut service));
    let before = state(&ada(&mut service), IDS);
    refused(&place, log_with_a_batch().0, "store is in use by another process");
    assert_eq!(state(&ada(&mut service), IDS), before);
    let _ = ada(&mut service).put(&path(7), &record()).expect(200);
}

#[test]
fn what_a_crash_left_of_an_earlier_try_does_no_harm() {
    let person = person();
    let place = place(&person);
    let (whole, kept) = log_with_a_batch();
    place.write("store.restored", [&whole[..], &whole].concat());
    restored(&place, &whole[..kept]);
    assert!(place.files()["store"] == whole[..kept]);
}

#[test]
fn a_copy_that_nobody_takes_is_a_failure() {
    let person = person();
    let place = place(&person);
    let full = || Stdio::from(File::options().write(true).open("/dev/full").expect("it is there"));
    let (reader, gone) = std::io::pipe().expect("a pipe");
    drop(reader);
    // A pipe holds less than the long one: whoever forks at this moment holds our end of it for a moment. Any
    // buffer holds more than the short one.
    let (long, short) = (log::overgrown(10), log::empty());
    for (log, output, words) in [
        (&long, Stdio::from(gone), "Broken pipe"),
        (&long, full(), "No space left"),
        (&short, full(), "No space left"),
    ] {
        place.write("store", log);
        let before = place.files();
        let ended = place.backup_to(output);
        assert_eq!(ended.code, Some(1), "{words}");
        assert!(ended.err.contains(words) && ended.err.contains(&place.text("store")), "{}", ended.err);
        assert!(place.files() == before, "{words}");
    }
}

#[test]
fn no_copy_is_made_of_a_log_that_is_damaged_or_not_there() {
    let person = person();
    let place = place(&person);
    for name in ["store", "no/such/folder/store"] {
        let file = place.text(name);
        let ended = place.run(&["backup"], &[("HEALTH_FILE", &file)]);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        assert!(ended.err.contains(&file) && ended.err.contains("No such file"), "{}", ended.err);
        assert!(!place.path("no").exists());
        assert_eq!(place.named(""), ["keys"]);
    }
    let (mut damaged, kept) = log_with_a_batch();
    damaged[kept - 30] ^= 1;
    place.write("store", &damaged);
    let ended = place.run(&["backup"], &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("store is damaged in line 5"), "{}", ended.err);
    assert!(place.files()["store"] == damaged);
}
