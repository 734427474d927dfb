//! `person restore` of what will not do: the database stays what it was.

use sqlite::rusqlite::Connection;
use testkit::{Place, tokens};

use crate::backup::{answers, answers_at, killed, live, stopped};
use crate::lab::{create, place};

/// Checks that a copy is refused with these words, and that not a byte is another afterwards.
#[track_caller]
fn refused(place: &Place, copy: impl AsRef<[u8]>, words: &str) {
    let before = place.files();
    let ended = place.restore(copy);
    assert_eq!((ended.code, &ended.out[..]), (Some(1), ""), "{words}");
    assert!(ended.err.starts_with("person: ") && ended.err.contains(words), "{words} in {}", ended.err);
    let after = place.files();
    assert!(after == before, "{words}: {:?} became {:?}", before.keys(), after.keys());
}

/// A database made with these statements.
fn database(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("db");
    Connection::open(&path).expect("a database").execute_batch(statements).expect("good SQL");
    std::fs::read(path).expect("a database")
}

#[test]
fn nothing_is_restored_below_a_running_service() {
    let place = place();
    let mut service = place.serve();
    live(&mut service, "Ada");
    let before = answers(&mut service);
    let copy = stopped("Bob").0.backup();
    refused(&place, copy, "store is in use by another process");
    assert_eq!(answers(&mut service), before);
    create(&service.client().with_token(&tokens::user("ada")), "Bob");
}

#[test]
fn what_is_no_database_is_refused() {
    for place in [stopped("Ada").0, killed("Ada").0] {
        refused(&place, "", "the copy cannot be used: it is no SQLite database");
        refused(&place, "SQLite format 3", "it is no SQLite database");
        refused(&place, "These are my notes.\n".repeat(1000), "it is no SQLite database");
        refused(&place, [&b"SQLite format 3\0"[..], &[7; 10_000]].concat(), "the copy cannot be used: ");
    }
}

#[test]
fn a_copy_that_was_cut_short_is_refused_wherever_it_was() {
    let (place, expected) = stopped("Ada");
    let copy = stopped("Bob").0.backup();
    let pages = (1..).map(|page| page * 4096).take_while(|length| *length < copy.len());
    let odd = [16, 17, 99, 100, 4095, 4097, copy.len() - 4097, copy.len() - 5, copy.len() - 1];
    for length in pages.chain(odd) {
        refused(&place, &copy[..length], "the copy cannot be used: ");
    }
    assert_eq!(answers_at(&place), expected);
}

#[test]
fn a_damaged_copy_is_refused() {
    let (place, expected) = stopped("Ada");
    let copy = stopped("Bob").0.backup();
    for page in 1..copy.len() / 4096 {
        let mut damaged = copy.clone();
        damaged[page * 4096..][..64].fill(0xA5);
        refused(&place, damaged, "the copy cannot be used: it is damaged: ");
    }
    assert_eq!(answers_at(&place), expected);
}

#[test]
fn the_database_of_another_program_is_refused() {
    let (place, expected) = stopped("Ada");
    // Auth's schema, and one that has a table of person's and more.
    let auth = "CREATE TABLE account (username TEXT PRIMARY KEY, role TEXT NOT NULL) STRICT, WITHOUT ROWID;";
    let word = "CREATE TABLE word (text TEXT NOT NULL);";
    for version in ["", "PRAGMA user_version = 1;"] {
        for schema in [auth, word] {
            let words = "the copy cannot be used: it is the database of another service";
            refused(&place, database(&format!("{schema}{version}")), words);
        }
    }
    refused(&place, database("CREATE TABLE person (id INTEGER);"), "the copy cannot be used: ");
    let mut newer = place.backup();
    // `user_version`, see `process.rs`.
    newer[63] = 99;
    refused(&place, newer, "schema version 99");
    assert_eq!(answers_at(&place), expected);
}

#[test]
fn where_there_was_nothing_a_refused_copy_leaves_nothing() {
    let place = place();
    let ended = place.restore("no database");
    assert_eq!(ended.code, Some(1));
    assert_eq!(place.named(""), ["keys", "store.lock"]);
}
