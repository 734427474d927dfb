//! `person backup` and `person restore` with the address of a cluster: a copy moves from either engine to the other.

use std::collections::BTreeSet;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use sqlite::rusqlite::Connection;
use testkit::{Answer, Client, TestDir, tokens};

use super::{create_database, location, server};
use crate::backup::{answers, answers_in, fill, stopped};
use crate::crash::while_writing;
use crate::ownership::{UNCLAIMED, check_first_touch};
use crate::service::{LIMIT, PersonService, ada, create, numbers, test_dir};

/// A folder whose service and commands use this database.
fn dir_at(url: &str) -> TestDir {
    test_dir().with("PERSON_DB", url)
}

/// Restores a valid copy into a database.
#[track_caller]
fn restore(dir: &TestDir, copy: impl AsRef<[u8]>) {
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    assert_eq!(ended.out, "The database of the cluster is restored.\n");
}

/// Returns the number of rows that a service has written to a database.
fn rows(url: &str) -> String {
    let sql = "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM account) + (SELECT count(*) FROM deleted)
                   + (SELECT count(*) FROM created)";
    server().query(url, sql)
}

fn create_with_key(ada: &Client, name: &str) -> Answer {
    ada.call("POST", "/persons").header("Idempotency-Key", "k").json(&json!({"name": name})).send()
}

fn store(ada: &Client) -> String {
    ada.get("/persons/1").header("person-store").expect("an identity").to_owned()
}

/// Returns a copy after these statements.
fn edited(copy: impl AsRef<[u8]>, statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("db");
    fs::write(&path, copy).expect("the folder is ours");
    Connection::open(&path).expect("a database").execute_batch(statements).expect("valid SQL");
    fs::read(path).expect("a database")
}

/// The statements that add many persons to a copy: more than a page of rows.
const MANY: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
    INSERT INTO person (name, owner, owner_uid) SELECT 'Ada \"é\\ ' || i, 'eve', 'uid of eve' FROM n;
    INSERT INTO account (uid, persons) VALUES ('uid of eve', 2500);";

#[test]
fn store_moves_to_a_cluster_and_back() {
    let file = test_dir();
    let mut process = file.serve();
    fill(&mut process, "Ada");
    let keyed = create_with_key(&ada(&mut process), "Key").expect(201).text();
    let identity = store(&ada(&mut process));
    drop(process);
    restore_file(&file, edited(file.backup(), MANY));
    let expected = answers_in(&file);

    let cluster = dir_at(&create_database());
    restore(&cluster, file.backup());
    let mut process = cluster.serve();
    assert_eq!(answers(&mut process), expected);
    let ada_there = ada(&mut process);
    assert_eq!(create_with_key(&ada_there, "Key").expect(201).text(), keyed);
    create_with_key(&ada_there, "Another").expect_problem(422, "idempotency-key-reused");
    assert_eq!(store(&ada_there), identity);
    fill(&mut process, "Bob");
    let expected = answers(&mut process);

    // The replica goes on.
    let back = test_dir();
    restore_file(&back, cluster.backup());
    assert_eq!(answers(&mut process), expected);
    let mut process = back.serve();
    assert_eq!(answers(&mut process), expected);
    let ada_back = ada(&mut process);
    assert_eq!(create_with_key(&ada_back, "Key").expect(201).text(), keyed);
    assert_eq!(store(&ada_back), identity);
}

/// Restores a valid copy into a file.
#[track_caller]
fn restore_file(dir: &TestDir, copy: Vec<u8>) {
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
}

#[test]
fn moved_store_never_repeats_a_number() {
    let (file, _) = stopped("Ada");
    let mut copy = file.backup();
    let mut used = BTreeSet::new();
    // The store that made the copy is lost each time, with all that it has issued since.
    for round in 0..3 {
        let before = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        let dir = dir_at(&create_database());
        restore(&dir, &copy);
        let mut process = dir.serve();
        let ada = ada(&mut process);
        let etag = |answer: &Answer| answer.header("etag").expect("an ETag").to_owned();
        let id = create(&ada, "new");
        assert!(u128::from(id.unsigned_abs()) > before, "{id}");
        let mut issue = |what: &str, number: String| {
            assert!(used.insert(format!("{what} {number}")), "round {round} repeats the {what} {number}");
        };
        issue("id", id.to_string());
        copy = dir.backup();
        // After the copy.
        let later = create(&ada, "newer");
        issue("id", later.to_string());
        for name in ["Eve", "Bob"] {
            issue("ETag of person 1", etag(&ada.put("/persons/1", &json!({"name": name})).expect(200)));
        }
        let _ = ada.delete(&format!("/persons/{later}")).expect(204);
        let feed = ada.with_token(&tokens::service()).get("/persons/deleted").expect(200).json();
        let last = feed.as_array().and_then(|feed| feed.last()).expect("a deletion");
        assert_eq!(last["id"].as_i64(), Some(later));
        issue("deletion", last["seq"].to_string());
    }
}

#[test]
fn database_with_content_is_refused_and_unchanged() {
    let copy = stopped("Ada").0.backup();
    for keep in [true, false] {
        let dir = dir_at(&create_database());
        let mut process = dir.serve();
        let id = create(&ada(&mut process), "Bob");
        if !keep {
            let _ = ada(&mut process).delete(&format!("/persons/{id}")).expect(204);
        }
        let before = (answers(&mut process), store(&ada(&mut process)));
        let ended = dir.restore(&copy);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        let words = "person: the database has persons or deletions already; restore into an empty one";
        assert!(ended.err.starts_with(words), "{}", ended.err);
        assert_eq!((answers(&mut process), store(&ada(&mut process))), before);
        assert_eq!(create(&ada(&mut process), "Eve"), id + 1);
    }
}

#[test]
fn invalid_copy_changes_nothing_in_a_database() {
    let url = create_database();
    let dir = dir_at(&url);
    drop(dir.backup());
    let identity = "SELECT uuid, last FROM identity, deletions";
    let before = server().query(&url, identity);
    let copy = stopped("Ada").0.backup();
    // PostgreSQL does not take the character U+0000, and no version of person did. All other rows come before it.
    let last = "INSERT INTO person (name, owner) VALUES ('a' || char(0), 'ada')";
    for (copy, words) in [
        (b"no database".to_vec(), "the copy cannot be used: it is not an SQLite database"),
        (copy[..copy.len() - 1].to_vec(), "the copy cannot be used: it is truncated"),
        (edited(&copy, "DROP TABLE created"), "it is the database of another service"),
        (edited(&copy, &format!("{MANY}{last}")), "PostgreSQL: "),
    ] {
        let ended = dir.restore(copy);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""), "{words}");
        assert!(ended.err.starts_with("person: ") && ended.err.contains(words), "{words} in {}", ended.err);
        assert_eq!((rows(&url), server().query(&url, identity)), ("0".to_owned(), before.clone()), "{words}");
    }
    restore(&dir, copy);
}

#[test]
fn copy_of_busy_replicas_is_of_one_moment() {
    let url = create_database();
    let cluster = dir_at(&url);
    restore(&cluster, edited(stopped("Ada").0.backup(), MANY));
    let (copies, _) = while_writing(&mut cluster.serve(), |_, acknowledged| {
        let copy = |number: usize| {
            acknowledged.wait_for(number * 50);
            (acknowledged.so_far(), cluster.backup())
        };
        (1..5).map(copy).collect::<Vec<_>>()
    });
    for (acknowledged, copy) in copies {
        let dir = test_dir();
        dir.write("store", copy);
        let db = Connection::open(dir.path("store")).expect("a database");
        // The two tables are read one after the other.
        let count = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
        let counted = count("SELECT sum(persons) FROM account");
        assert_eq!(counted, count("SELECT count(*) FROM person"));
        let exists = |id: i64| db.query_row("SELECT 1 FROM person WHERE id = ?1", [id], |_| Ok(())).is_ok();
        assert!(acknowledged.iter().all(|(id, _)| exists(*id)), "an acknowledged person is missing");
    }
}

#[test]
fn running_replica_serves_the_restored_content() {
    let (file, expected) = stopped("Ada");
    let url = create_database();
    let dir = dir_at(&url);
    let mut process = dir.serve();
    let before = store(&ada(&mut process));
    restore(&dir, file.backup());
    assert_eq!(answers(&mut process), expected);
    assert_ne!(store(&ada(&mut process)), before);
    assert!(create(&ada(&mut process), "new") > 1_000_000);
}

#[test]
fn temporary_files_of_a_copy_are_removed() {
    let dir = dir_at(&create_database());
    fs::create_dir(dir.path("tmp")).expect("a new folder");
    let tmp = dir.text("tmp");
    let dir = dir.with("TMPDIR", &tmp);
    let left = || fs::read_dir(&tmp).expect("a folder").count();
    restore(&dir, stopped("Ada").0.backup());
    assert_eq!(left(), 0);
    assert_eq!(dir.restore("no database").code, Some(1));
    assert_eq!(left(), 0);
    drop(dir.backup());
    assert_eq!(left(), 0);
    let ended = dir.run(&["backup"], &[("TMPDIR", "/no/such/folder")]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("/no/such/folder") && ended.err.contains("TMPDIR"), "{}", ended.err);
}

/// Returns a database with the persons of [`UNCLAIMED`].
fn create_unclaimed() -> String {
    let file = test_dir();
    drop(ada(&mut file.serve()));
    let url = create_database();
    restore(&dir_at(&url), edited(file.backup(), UNCLAIMED));
    url
}

#[test]
fn person_of_an_older_version_is_claimed_in_a_cluster() {
    check_first_touch(|| {
        let url = create_unclaimed();
        let service = PersonService::at(location(&url), LIMIT);
        let ids = "SELECT string_agg(id::TEXT, ',' ORDER BY id) FROM person WHERE owner_uid IS NULL";
        (service, move |_: &PersonService| server().query(&url, ids))
    });
}

#[test]
fn claimed_persons_count_towards_the_limit_in_a_cluster() {
    let service = PersonService::at(location(&create_unclaimed()), 4);
    let create = || service.ada().post("/persons", &json!({"name": "Ada"}));
    let _ = create().expect(201);
    create().expect_problem(403, "limit-reached");
    let _ = service.ada().delete("/persons/1").expect(204);
    let _ = create().expect(201);
    create().expect_problem(403, "limit-reached");
    // Of an account with more persons than the limit, each can still be claimed.
    let service = PersonService::at(location(&create_unclaimed()), 2);
    service.ada().post("/persons", &json!({"name": "Ada"})).expect_problem(403, "limit-reached");
    assert_eq!(numbers(&service.ada().get("/persons"), "id"), [1, 3, 5]);
    let _ = service.second("ada").get("/persons/1").expect(403);
}

#[test]
fn copy_commands_report_a_database_that_is_not_there() {
    let dir = dir_at("postgres://p:hunter2@127.0.0.1:1/db");
    let copy = stopped("Ada").0.backup();
    for ended in [dir.run(&["backup"], &[]), dir.restore(copy)] {
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        assert!(ended.err.starts_with("person: cannot use the database: "), "{}", ended.err);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    assert!(!dir.path("postgres:").exists());
}
