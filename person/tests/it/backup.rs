//! `person backup`, and `person restore` of a copy that will do: what is there afterwards. Person stands for every
//! service on SQLite.

use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;
use sqlite::rusqlite::Connection;
use testkit::{Binary, Place, eventually, tokens};

use crate::lab::{create, numbers, pages, place};

/// How far numbers move on, so that those given out after the copy was made are not given out again.
const SKIPPED: i64 = 1_000_000_000;

/// All that can be asked of a service: everybody, with their ETags, and the deletions.
pub(crate) fn answers(service: &mut Binary) -> Vec<String> {
    let admin = service.client().with_token(&tokens::admin("root"));
    let persons = pages(&admin, "/persons?limit=1000");
    let mut answers: Vec<String> = persons.iter().map(testkit::Answer::text).collect();
    for id in persons.iter().flat_map(|page| numbers(page, "id")) {
        let person = admin.get(&format!("/persons/{id}")).expect(200);
        answers.push(format!("{} {}", person.header("etag").expect("an ETag"), person.text()));
    }
    let health = service.client().with_token(&tokens::service());
    answers.extend(pages(&health, "/persons/deleted?limit=1000").iter().map(testkit::Answer::text));
    answers
}

/// What a store answers with once it is served.
pub(crate) fn answers_at(place: &Place) -> Vec<String> {
    answers(&mut place.serve())
}

/// Makes persons of this name, of whom one is renamed and one deleted.
pub(crate) fn live(service: &mut Binary, name: &str) {
    let ada = service.client().with_token(&tokens::user("ada"));
    let ids: Vec<i64> = (0..5).map(|_| create(&ada, name)).collect();
    let _ = ada.put(&format!("/persons/{}", ids[1]), &json!({"name": "Renamed"})).expect(200);
    let _ = ada.delete(&format!("/persons/{}", ids[3])).expect(204);
}

/// A stopped service, and what it answered.
pub(crate) fn stopped(name: &str) -> (Place, Vec<String>) {
    ended(name, "TERM")
}

/// A service that was killed: what it wrote last stands in the WAL alone.
pub(crate) fn killed(name: &str) -> (Place, Vec<String>) {
    let killed = ended(name, "KILL");
    assert!(!killed.0.files()["store-wal"].is_empty());
    killed
}

fn ended(name: &str, signal: &str) -> (Place, Vec<String>) {
    let place = place();
    let mut service = place.serve();
    live(&mut service, name);
    let answers = answers(&mut service);
    service.signal(signal);
    service.ended();
    (place, answers)
}

/// Restores where a copy must do; gives what was said.
#[track_caller]
pub(crate) fn restored(place: &Place, copy: impl AsRef<[u8]>) -> String {
    let ended = place.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    assert_eq!(place.named(".restored"), Vec::<String>::new(), "nothing is left of the draft");
    ended.out
}

/// The databases that were replaced, the oldest first; not what belongs to them.
fn replaced(place: &Place) -> Vec<String> {
    place
        .named("store.replaced-")
        .into_iter()
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect()
}

#[test]
fn a_copy_gives_the_same_answers_in_a_folder_that_is_not_there_yet() {
    let (stopped, of_stopped) = stopped("Ada");
    let (killed, of_killed) = killed("Bob");
    let running = place();
    let mut service = running.serve();
    live(&mut service, "Eve");
    let of_running = answers(&mut service);
    for (from, expected) in [(stopped, of_stopped), (killed, of_killed), (running, of_running)] {
        let place = place();
        let db = place.text("new/folder/store");
        let place = place.with("PERSON_DB", &db);
        assert_eq!(restored(&place, from.backup()), format!("{db} is restored.\n"));
        assert_eq!(answers_at(&place), expected);
        // And whoever was copied is what they were.
        drop(service);
        assert_eq!(answers_at(&from), expected);
        service = place.serve();
    }
}

#[test]
fn a_copy_of_a_service_in_use_holds_all_that_was_acknowledged_before_it_was_begun() {
    let from = place();
    let mut service = from.serve();
    let client = service.client();
    let (acknowledged, ended) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let count = || acknowledged.lock().expect("no panic").len();
    let copies = thread::scope(|scope| {
        for writer in 0..8 {
            let (client, acknowledged, ended) = (&client, &acknowledged, &ended);
            scope.spawn(move || {
                let ada = client.with_token(&tokens::user("ada"));
                while !ended.load(Ordering::SeqCst) {
                    let name = format!("Ada {writer}");
                    let known = (create(&ada, &name), name);
                    acknowledged.lock().expect("no panic").push(known);
                }
            });
        }
        let copy = |number: usize| {
            eventually("more is written", || (count() > number * 50).then_some(()));
            let before = acknowledged.lock().expect("no panic").clone();
            (before, from.backup())
        };
        let copies: Vec<_> = (1..5).map(copy).collect();
        ended.store(true, Ordering::SeqCst);
        copies
    });
    for (before, copy) in copies {
        let place = place();
        restored(&place, copy);
        let mut service = place.serve();
        let admin = service.client().with_token(&tokens::admin("root"));
        let mut there = Vec::new();
        for page in pages(&admin, "/persons?limit=1000") {
            for person in page.json().as_array().expect("an array") {
                there.push((
                    person["id"].as_i64().expect("an id"),
                    person["name"].as_str().unwrap().to_owned(),
                ));
            }
        }
        let lost: Vec<_> = before.iter().filter(|known| !there.contains(known)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}

#[test]
fn no_number_that_was_given_out_after_the_copy_is_given_out_again() {
    let place = place();
    let mut service = place.serve();
    assert!(!answers(&mut service).concat().contains("id"), "nobody is there");
    let empty = place.backup();
    live(&mut service, "Ada");
    let copy = place.backup();
    // What the copy does not know of: ids up to 10, the deletions up to 2.
    live(&mut service, "Bob");
    let next = |service: &mut Binary| {
        let ada = service.client().with_token(&tokens::user("ada"));
        let id = create(&ada, "Next");
        let _ = ada.delete(&format!("/persons/{id}")).expect(204);
        let health = service.client().with_token(&tokens::service());
        let deletions = pages(&health, "/persons/deleted?limit=1000");
        (id, deletions.iter().flat_map(|page| numbers(page, "seq")).max().expect("a deletion"))
    };
    // The same copy again, too; and one in which nobody ever was.
    let mut highest = (10, 2);
    for copy in [&copy, &copy, &empty, &empty, &copy] {
        service.signal("KILL");
        service.ended();
        restored(&place, copy);
        service = place.serve();
        let (id, seq) = next(&mut service);
        assert!(id >= highest.0 + SKIPPED && seq >= highest.1 + SKIPPED, "{id} and {seq} after {highest:?}");
        highest = next(&mut service);
        assert_eq!(highest, (id + 1, seq + 1));
    }
    for (copy, expected) in [(&copy, (SKIPPED + 6, SKIPPED + 2)), (&empty, (SKIPPED + 1, SKIPPED + 1))] {
        let place = crate::lab::place();
        restored(&place, copy);
        assert_eq!(next(&mut place.serve()), expected);
    }
}

#[test]
fn what_was_there_is_kept_and_can_be_used() {
    let (place, first) = stopped("Ada");
    let bytes = place.files()["store"].clone();
    let (from, second) = stopped("Bob");
    let said = restored(&place, from.backup());
    let kept = replaced(&place);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(said.contains("; what it held is kept in ") && said.contains(&place.text(&kept[0])), "{said}");
    assert_eq!(place.files()[&kept[0]], bytes);
    assert_eq!(answers_at(&place), second);
    // It is a copy like any other.
    restored(&place, bytes);
    assert_eq!(answers_at(&place), first);
    assert_eq!(replaced(&place).len(), 2);
}

#[test]
fn what_a_killed_service_left_in_its_wal_stays_with_what_was_replaced() {
    let (place, first) = killed("Ada");
    let (from, second) = stopped("Bob");
    restored(&place, from.backup());
    // In one file, or a kill between two of them would leave half of it.
    let kept = place.named("store.replaced-");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(place.named("store-"), Vec::<String>::new());
    assert_eq!(answers_at(&place), second);
    let db = place.text(&kept[0]);
    assert_eq!(answers_at(&place.with("PERSON_DB", &db)), first);
}

#[test]
fn a_damaged_database_can_be_replaced() {
    let (place, _) = stopped("Ada");
    let (from, expected) = stopped("Bob");
    let copy = from.backup();
    for damaged in ["no database at all".as_bytes(), b"", &copy[..copy.len() / 2]] {
        place.write("store", damaged);
        restored(&place, &copy);
        assert_eq!(answers_at(&place), expected);
        let kept = replaced(&place).pop().expect("it is kept");
        assert_eq!(place.files()[&kept], damaged);
    }
}

#[test]
fn what_a_crash_left_of_an_earlier_try_does_no_harm() {
    let (place, expected) = stopped("Ada");
    let (killed, _) = killed("Bob");
    let left = killed.files();
    let copy = place.backup();
    // Drafts of another database, with a WAL that would be taken for theirs.
    for suffix in ["", "-wal", "-shm"] {
        place.write(&format!("store.restored{suffix}"), &left[&format!("store{suffix}")]);
    }
    restored(&place, &copy);
    assert_eq!(answers_at(&place), expected);
    place.write("store.backup", &left["store"]);
    restored(&place, place.backup());
    assert!(!place.path("store.backup").exists());
    assert_eq!(answers_at(&place), expected);
}

#[test]
fn a_copy_that_nobody_takes_is_a_failure_and_nothing_is_left_of_it() {
    let (place, _) = stopped("Ada");
    // More than a pipe holds: whoever forks at this moment holds our end of it for a moment.
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                INSERT INTO person (name, owner) SELECT 'Ada', 'ada' FROM n";
    Connection::open(place.path("store")).expect("it is ours").execute(many, []).expect("it can be written");
    let before = place.files();
    assert!(before["store"].len() > 64 * 1024);
    let (reader, pipe) = std::io::pipe().expect("a pipe");
    drop(reader);
    let gone = place.backup_to(pipe);
    let full = place.backup_to(File::options().write(true).open("/dev/full").expect("it is there"));
    for (ended, word) in [(gone, "Broken pipe"), (full, "No space left")] {
        assert_eq!(ended.code, Some(1), "{word}");
        assert!(ended.err.contains(word) && ended.err.contains(&place.text("store")), "{}", ended.err);
        assert!(!place.path("store.backup").exists(), "{word}");
        assert!(place.files()["store"] == before["store"]);
    }
}

#[test]
fn a_copy_of_a_store_that_is_not_there_is_refused_and_makes_nothing() {
    let place = place();
    for name in ["store", "no/such/folder/store"] {
        let db = place.text(name);
        let ended = place.run(&["backup"], &[("PERSON_DB", &db)]);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        assert!(ended.err.starts_with(&format!("person: there is no database {db}")), "{}", ended.err);
        assert!(!place.path("no").exists());
        assert_eq!(place.named(""), ["keys"]);
    }
}
