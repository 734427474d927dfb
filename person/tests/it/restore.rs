//! `person restore` of invalid copies: each is refused, and the database stays as it is.

use sqlite::rusqlite::Connection;
use testkit::TestDir;

use crate::backup::{answers, answers_in, fill, killed, stopped};
use crate::service::{ada, create, test_dir};

/// Checks that a copy is refused with these words, and that no byte in the folder changes.
#[track_caller]
fn expect_refused(dir: &TestDir, copy: impl AsRef<[u8]>, words: &str) {
    let before = dir.files();
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.out[..]), (Some(1), ""), "{words}");
    assert!(ended.err.starts_with("person: ") && ended.err.contains(words), "{words} in {}", ended.err);
    let after = dir.files();
    assert!(after == before, "{words}: {:?} became {:?}", before.keys(), after.keys());
}

/// Creates a database with these statements and returns its bytes.
fn database(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("db");
    Connection::open(&path).expect("a database").execute_batch(statements).expect("valid SQL");
    std::fs::read(path).expect("a database")
}

#[test]
fn restore_under_a_running_service_is_refused() {
    let dir = test_dir();
    let mut process = dir.serve();
    fill(&mut process, "Ada");
    let before = answers(&mut process);
    expect_refused(&dir, stopped("Bob").0.backup(), "store is in use by another process");
    assert_eq!(answers(&mut process), before);
    create(&ada(&mut process), "Bob");
}

#[test]
fn file_that_is_not_a_database_is_refused() {
    for dir in [stopped("Ada").0, killed("Ada").0] {
        expect_refused(&dir, "", "the copy cannot be used: it is not an SQLite database");
        expect_refused(&dir, "SQLite format 3", "it is not an SQLite database");
        expect_refused(&dir, "These are my notes.\n".repeat(1000), "it is not an SQLite database");
        expect_refused(&dir, [&b"SQLite format 3\0"[..], &[7; 10_000]].concat(), "the copy cannot be used: ");
    }
}

#[test]
fn truncated_copy_is_refused() {
    let (dir, expected) = stopped("Ada");
    let copy = stopped("Bob").0.backup();
    let pages = (1..).map(|page| page * 4096).take_while(|length| *length < copy.len());
    let odd = [16, 17, 99, 100, 4095, 4097, copy.len() - 4097, copy.len() - 5, copy.len() - 1];
    for length in pages.chain(odd) {
        expect_refused(&dir, &copy[..length], "the copy cannot be used: ");
    }
    assert_eq!(answers_in(&dir), expected);
}

#[test]
fn damaged_copy_is_refused() {
    let (dir, expected) = stopped("Ada");
    let copy = stopped("Bob").0.backup();
    for page in 1..copy.len() / 4096 {
        let mut damaged = copy.clone();
        damaged[page * 4096..][..64].fill(0xA5);
        expect_refused(&dir, damaged, "the copy cannot be used: it is damaged: ");
    }
    assert_eq!(answers_in(&dir), expected);
}

#[test]
fn database_of_another_program_is_refused() {
    let (dir, expected) = stopped("Ada");
    let auth = "CREATE TABLE account (username TEXT PRIMARY KEY, role TEXT NOT NULL) STRICT, WITHOUT ROWID;";
    let word = "CREATE TABLE word (text TEXT NOT NULL);";
    for version in ["", "PRAGMA user_version = 1;"] {
        for schema in [auth, word] {
            let words = "the copy cannot be used: it is the database of another service";
            expect_refused(&dir, database(&format!("{schema}{version}")), words);
        }
    }
    expect_refused(&dir, database("CREATE TABLE person (id INTEGER);"), "the copy cannot be used: ");
    let mut newer = dir.backup();
    // `user_version` is the big-endian number at offset 60 of the file (https://sqlite.org/fileformat2.html).
    assert_eq!(newer[60..63], [0, 0, 0]);
    newer[63] = 99;
    expect_refused(&dir, newer, "schema version 99");
    assert_eq!(answers_in(&dir), expected);
}

#[test]
fn refused_copy_leaves_no_database() {
    let dir = test_dir();
    assert_eq!(dir.restore("no database").code, Some(1));
    assert_eq!(dir.named(""), ["keys", "store.lock"]);
}
