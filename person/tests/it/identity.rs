//! The identity of the database, which tells health whether an id still means the same person.

use sqlite::rusqlite::Connection;
use testkit::{Answer, Client};

use crate::service::{PersonService, ada, create, test_dir};

/// The schema of the version before databases had an identity, with Ada as person 1.
const WITHOUT_IDENTITY: &str = "
    CREATE TABLE person (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        name    TEXT    NOT NULL,
        owner   TEXT    NOT NULL,
        version INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE INDEX person_by_owner ON person (owner, id);
    CREATE TABLE deleted (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id  INTEGER NOT NULL
    ) STRICT;
    INSERT INTO person (name, owner) VALUES ('Ada', 'ada');
    PRAGMA user_version = 1;";

#[track_caller]
fn identity(answer: &Answer) -> String {
    answer.header("person-store").unwrap_or_else(|| panic!("no identity: {}", answer.text())).to_owned()
}

fn identity_at(client: &Client) -> String {
    identity(&client.get("/persons/1"))
}

#[test]
fn answers_about_a_person_name_the_database() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let read = service.ada().get(&path).expect(200);
    let store = identity(&read);
    let form = store.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'4',
        19 => b"89ab".contains(&byte),
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    });
    assert!(store.len() == 36 && form, "{store} is not a random UUID");
    let etag = read.header("etag").expect("an ETag");
    for (answer, status) in [
        (service.ada().call("HEAD", &path).send(), 200),
        (service.ada().call("GET", &path).header("If-None-Match", etag).send(), 304),
        (service.user("bob").get(&path), 403),
        (service.ada().get("/persons/4711"), 404),
        (service.health().get("/persons/deleted"), 200),
    ] {
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(identity(&answer), store, "{status}");
    }
}

#[test]
fn database_keeps_its_identity_over_restarts() {
    let mut service = PersonService::start();
    let before = identity_at(&service.ada());
    service.restart();
    assert_eq!(identity_at(&service.ada()), before);
    assert_ne!(identity_at(&PersonService::start().ada()), before);
}

#[test]
fn restored_database_has_the_identity_of_the_copy() {
    let (dir, elsewhere) = (test_dir(), test_dir());
    let mut process = dir.serve();
    let before = identity_at(&ada(&mut process));
    let copy = dir.backup();
    assert_ne!(identity_at(&ada(&mut elsewhere.serve())), before);
    assert_eq!(elsewhere.restore(copy).code, Some(0));
    assert_eq!(identity_at(&ada(&mut elsewhere.serve())), before);
}

#[test]
fn database_of_an_earlier_version_gets_an_identity() {
    let dir = test_dir();
    Connection::open(dir.path("store")).expect("a database").execute_batch(WITHOUT_IDENTITY).expect("SQL");
    let copy = std::fs::read(dir.path("store")).expect("a database");
    let mut process = dir.serve();
    let client = ada(&mut process);
    let migrated = identity(&client.get("/persons/1").expect(200));
    assert_eq!(create(&client, "Bob"), 2);
    let restored = test_dir();
    assert_eq!(restored.restore(copy).code, Some(0));
    assert_ne!(identity(&ada(&mut restored.serve()).get("/persons/1").expect(200)), migrated);
}

#[test]
fn feed_refuses_a_position_beyond_its_last_deletion() {
    let mut service = PersonService::start();
    let refused = |service: &PersonService, after: i64, last: i64| {
        let answer = service.health().get(&format!("/persons/deleted?after={after}"));
        let detail = answer.expect_problem(400, "bad-query").json()["detail"].clone();
        assert_eq!(detail, format!("`after` must be a whole number from 0 to {last}."));
    };
    refused(&service, 1, 0);
    for _ in 0..2 {
        let path = format!("/persons/{}", service.create("Ada"));
        let _ = service.ada().delete(&path).expect(204);
    }
    assert_eq!(service.health().get("/persons/deleted?after=2").expect(200).text(), "[]\n");
    for after in [3, i64::MAX] {
        refused(&service, after, 2);
    }
    service.restart();
    refused(&service, 3, 2);
}
