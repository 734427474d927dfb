//! `person backup`, and `person restore` of valid copies. Person stands for every service on SQLite. `checks/faults`
//! tests both on a full disk, and kills them before single system calls.

use sqlite::rusqlite::Connection;
use testkit::{Answer, Binary, TestDir, tokens};

use crate::crash::{persons, while_writing};
use crate::service::{ada, body, numbers, pages, test_dir};

/// Returns all that the service can answer, except the ETags, which a restore changes: every person, and the deletions.
pub(crate) fn answers(process: &mut Binary) -> Vec<String> {
    let admin = process.client().with_token(&tokens::admin("root"));
    let persons = pages(&admin, "/persons?limit=1000");
    let mut answers: Vec<String> = persons.iter().map(Answer::text).collect();
    let ids = persons.iter().flat_map(|page| numbers(page, "id"));
    answers.extend(ids.map(|id| admin.get(&format!("/persons/{id}")).expect(200).text()));
    let health = process.client().with_token(&tokens::service());
    answers.extend(pages(&health, "/persons/deleted?limit=1000").iter().map(Answer::text));
    answers
}

/// Starts the service in a folder and returns its answers.
pub(crate) fn answers_in(dir: &TestDir) -> Vec<String> {
    answers(&mut dir.serve())
}

/// Creates persons of this name with all members, then renames one and deletes one.
pub(crate) fn fill(process: &mut Binary, name: &str) {
    let ada = ada(process);
    let new = || ada.post("/persons", &body(name)).expect(201).json()["id"].as_i64().expect("an id");
    let ids: Vec<i64> = (0..5).map(|_| new()).collect();
    let _ = ada.put(&format!("/persons/{}", ids[1]), &body("Renamed")).expect(200);
    let _ = ada.delete(&format!("/persons/{}", ids[3])).expect(204);
}

/// A service that was filled and stopped, and its answers.
pub(crate) fn stopped(name: &str) -> (TestDir, Vec<String>) {
    ended(name, "TERM")
}

/// A service that was filled and killed: its last writes are in the WAL alone.
pub(crate) fn killed(name: &str) -> (TestDir, Vec<String>) {
    let killed = ended(name, "KILL");
    assert!(!killed.0.files()["store-wal"].is_empty());
    killed
}

fn ended(name: &str, signal: &str) -> (TestDir, Vec<String>) {
    let dir = test_dir();
    let mut process = dir.serve();
    fill(&mut process, name);
    let answers = answers(&mut process);
    process.signal(signal);
    process.ended();
    (dir, answers)
}

/// Restores a valid copy and returns the output.
#[track_caller]
fn restore(dir: &TestDir, copy: impl AsRef<[u8]>) -> String {
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    assert_eq!(dir.named(".restored"), Vec::<String>::new(), "a temporary file is left");
    ended.out
}

/// Returns the names of the databases that were replaced, the oldest first.
fn replaced(dir: &TestDir) -> Vec<String> {
    let belongs_to_a_database = |name: &String| name.ends_with("-wal") || name.ends_with("-shm");
    dir.named("store.replaced-").into_iter().filter(|name| !belongs_to_a_database(name)).collect()
}

#[test]
fn restored_copy_gives_the_same_answers() {
    let running = test_dir();
    let mut process = running.serve();
    fill(&mut process, "Eve");
    let of_running = answers(&mut process);
    for (from, expected) in [stopped("Ada"), killed("Bob"), (running, of_running)] {
        let dir = test_dir();
        let db = dir.text("new/folder/store");
        let dir = dir.with("PERSON_DB", &db);
        assert_eq!(restore(&dir, from.backup()), format!("{db} is restored.\n"));
        assert_eq!(answers_in(&dir), expected);
        // The backup changed nothing in the original.
        drop(process);
        assert_eq!(answers_in(&from), expected);
        process = dir.serve();
    }
}

#[test]
fn copy_of_a_busy_service_has_every_acknowledged_person() {
    let from = test_dir();
    let (copies, _) = while_writing(&mut from.serve(), |_, acknowledged| {
        let copy = |number: usize| {
            acknowledged.wait_for(number * 50);
            (acknowledged.so_far(), from.backup())
        };
        (1..5).map(copy).collect::<Vec<_>>()
    });
    for (acknowledged, copy) in copies {
        let dir = test_dir();
        restore(&dir, copy);
        let persons = persons(&dir);
        let lost: Vec<_> = acknowledged.difference(&persons).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}

#[test]
fn replaced_database_is_kept_and_can_be_restored() {
    let (dir, first) = stopped("Ada");
    let bytes = dir.files().remove("store").expect("a database");
    let (from, second) = stopped("Bob");
    let output = restore(&dir, from.backup());
    let kept = replaced(&dir);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(
        output.contains("; the previous store is kept in ") && output.contains(&dir.text(&kept[0])),
        "{output}"
    );
    assert_eq!(dir.files()[&kept[0]], bytes);
    assert_eq!(answers_in(&dir), second);
    restore(&dir, bytes);
    assert_eq!(answers_in(&dir), first);
    assert_eq!(replaced(&dir).len(), 2);
}

#[test]
fn replaced_database_includes_its_wal() {
    let (dir, first) = killed("Ada");
    let (from, second) = stopped("Bob");
    restore(&dir, from.backup());
    // One file: if there were two, a kill between their renames would keep only one of them.
    let kept = dir.named("store.replaced-");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(dir.named("store-"), Vec::<String>::new());
    assert_eq!(answers_in(&dir), second);
    let db = dir.text(&kept[0]);
    assert_eq!(answers_in(&dir.with("PERSON_DB", &db)), first);
}

#[test]
fn damaged_database_can_be_replaced() {
    let (dir, _) = stopped("Ada");
    let (from, expected) = stopped("Bob");
    let copy = from.backup();
    for damaged in ["no database at all".as_bytes(), b"", &copy[..copy.len() / 2]] {
        dir.write("store", damaged);
        restore(&dir, &copy);
        assert_eq!(answers_in(&dir), expected);
        let kept = replaced(&dir).pop().expect("a replaced database");
        assert_eq!(dir.files()[&kept], damaged);
    }
}

#[test]
fn temporary_files_of_a_crash_are_replaced() {
    let (dir, expected) = stopped("Ada");
    let left = killed("Bob").0.files();
    let copy = dir.backup();
    // Temporary files of another database, with a WAL that SQLite would apply.
    for suffix in ["", "-wal", "-shm"] {
        dir.write(&format!("store.restored{suffix}"), &left[&format!("store{suffix}")]);
    }
    restore(&dir, &copy);
    assert_eq!(answers_in(&dir), expected);
    dir.write("store.backup", &left["store"]);
    restore(&dir, dir.backup());
    assert!(!dir.path("store.backup").exists());
    assert_eq!(answers_in(&dir), expected);
}

/// `/dev/full` is Linux's.
#[cfg(target_os = "linux")]
#[test]
fn unwritable_copy_is_an_error_and_leaves_no_file() {
    let (dir, _) = stopped("Ada");
    // The copy is larger than a pipe's buffer: another test that forks now may hold our end of the pipe for a moment.
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                INSERT INTO person (name, owner) SELECT 'Ada', 'ada' FROM n";
    Connection::open(dir.path("store")).expect("a database").execute(many, []).expect("new rows");
    let before = dir.files();
    assert!(before["store"].len() > 64 * 1024);
    let (reader, pipe) = std::io::pipe().expect("a pipe");
    drop(reader);
    let closed = dir.backup_to(pipe);
    let full = dir.backup_to(std::fs::File::options().write(true).open("/dev/full").expect("/dev/full"));
    for (ended, words) in [(closed, "Broken pipe"), (full, "No space left")] {
        assert_eq!(ended.code, Some(1), "{words}");
        assert!(ended.err.contains(words) && ended.err.contains(&dir.text("store")), "{}", ended.err);
        assert!(!dir.path("store.backup").exists(), "{words}");
        assert!(dir.files()["store"] == before["store"]);
    }
}

#[test]
fn backup_of_a_missing_database_is_refused() {
    let dir = test_dir();
    for name in ["store", "no/such/folder/store"] {
        let db = dir.text(name);
        let ended = dir.run(&["backup"], &[("PERSON_DB", &db)]);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        assert!(ended.err.starts_with(&format!("person: there is no database {db}")), "{}", ended.err);
        assert!(!dir.path("no").exists());
        assert_eq!(dir.named(""), ["keys"]);
    }
}
