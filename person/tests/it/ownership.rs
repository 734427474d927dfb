//! The rights of owners, of other users and of administrators.

use std::path::Path;

use serde_json::json;
use sqlite::rusqlite::Connection;

use crate::service::{LIMIT, PersonService, create, numbers, pages};

#[test]
fn person_belongs_to_its_creator() {
    let service = PersonService::start();
    for (client, owner) in [(service.user("bob"), "bob"), (service.admin(), "root")] {
        assert_eq!(client.post("/persons", &json!({"name": "Ada"})).expect(201).json()["owner"], owner);
    }
}

#[test]
fn another_user_gets_403_and_changes_nothing() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let bob = service.user("bob");
    for answer in [
        bob.get(&path),
        bob.put(&path, &json!({"name": "Eve"})),
        bob.delete(&path),
        bob.call("GET", &path).header("If-None-Match", "*").send(),
        bob.call("DELETE", &path).header("If-Match", "*").send(),
    ] {
        let challenge = "Bearer realm=\"mini-projet\", error=\"insufficient_scope\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
        assert!(!answer.text().contains("Ada") && answer.header("etag").is_none());
        answer.expect_problem(403, "insufficient-scope");
    }
    assert_eq!(service.ada().get(&path).json()["name"], "Ada");
}

#[test]
fn admin_changes_every_person_and_owns_none() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    assert_eq!(service.admin().get(&path).expect(200).json()["owner"], "ada");
    let renamed = service.admin().put(&path, &json!({"name": "Countess"})).expect(200).json();
    assert_eq!((&renamed["name"], &renamed["owner"]), (&json!("Countess"), &json!("ada")));
    assert_eq!(service.ada().get(&path).json()["name"], "Countess");
    let _ = service.admin().delete(&path).expect(204);
}

#[test]
fn list_has_the_callers_persons_or_all_for_an_admin() {
    let service = PersonService::start();
    let (ada, bob) = (service.ada(), service.user("bob"));
    let (mut hers, mut his) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        hers.push(create(&ada, "of Ada"));
        his.push(create(&bob, "of Bob"));
    }
    let all: Vec<i64> = hers.iter().zip(&his).flat_map(|(a, b)| [*a, *b]).collect();
    for (client, expected) in [(ada, hers), (bob, his), (service.admin(), all), (service.user("eve"), vec![])]
    {
        for path in ["/persons?limit=2", "/persons?limit=5", "/persons"] {
            let pages = pages(&client, path);
            let ids: Vec<i64> = pages.iter().flat_map(|page| numbers(page, "id")).collect();
            assert_eq!(ids, expected, "{path}");
            // A link never leads to an empty page.
            assert!(pages.len() == 1 || !numbers(&pages[pages.len() - 1], "id").is_empty());
        }
    }
}

#[test]
fn usernames_are_compared_byte_by_byte() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    for name in ["Ada", "ada ", "ad", "adaa", "%", "a_a"] {
        let _ = service.user(name).get(&path).expect(403);
        assert_eq!(service.user(name).get("/persons").json(), json!([]), "{name}");
    }
}

#[test]
fn account_with_a_used_username_gets_no_persons() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let second = service.second("ada");
    for answer in [second.get(&path), second.put(&path, &json!({"name": "Eve"})), second.delete(&path)] {
        answer.expect_problem(403, "insufficient-scope");
    }
    assert_eq!(second.get("/persons").json(), json!([]));
    let own = create(&second, "Eve");
    let _ = service.ada().get(&format!("/persons/{own}")).expect(403);
    assert_eq!(service.list(), json!([{"id": 1, "name": "Ada", "owner": "ada"}]));
}

/// Adds persons whose owner is only a username: Ada and Bob own three each, by turns.
pub(crate) const UNCLAIMED: &str = "INSERT INTO person (name, owner)
    VALUES ('a', 'ada'), ('b', 'bob'), ('a', 'ada'), ('b', 'bob'), ('a', 'ada'), ('b', 'bob')";

/// Creates a database of the version that stored only usernames, with [`UNCLAIMED`] persons.
pub(crate) fn without_accounts(path: &Path) {
    let db = Connection::open(path).expect("a database");
    let schema = "
        CREATE TABLE person (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, owner TEXT NOT NULL,
            version INTEGER NOT NULL DEFAULT 1
        ) STRICT;
        CREATE INDEX person_by_owner ON person (owner, id);
        CREATE TABLE deleted (seq INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER NOT NULL) STRICT;
        PRAGMA user_version = 1;";
    db.execute_batch(schema).and_then(|()| db.execute_batch(UNCLAIMED)).expect("valid SQL");
}

/// The persons whose owner the file has only the username of.
fn unclaimed(service: &PersonService) -> String {
    let db = Connection::open(service.db()).expect("the database");
    let ids = "SELECT group_concat(id) FROM person WHERE owner_uid IS NULL";
    db.query_row(ids, [], |row| row.get::<_, Option<String>>(0)).expect("a row").unwrap_or_default()
}

#[test]
fn first_touch_claims_all_persons_of_a_username() {
    check_first_touch(|| (PersonService::on_file(LIMIT, without_accounts), unclaimed));
}

/// Checks that each kind of first touch claims [`UNCLAIMED`] persons. `start` starts a service with them, and
/// returns a query for the ids of the unclaimed ones.
pub(crate) fn check_first_touch<Q: Fn(&PersonService) -> String>(start: impl Fn() -> (PersonService, Q)) {
    type Touch = fn(&PersonService);
    let touches: [(&str, Touch); 5] = [
        ("read", |service| drop(service.ada().get("/persons/3").expect(200))),
        ("list", |service| drop(service.ada().get("/persons?limit=1").expect(200))),
        ("change", |service| drop(service.ada().put("/persons/3", &json!({"name": "a"})).expect(200))),
        ("deletion", |service| drop(service.ada().delete("/persons/3").expect(204))),
        ("creation", |service| assert!(create(&service.ada(), "a") > 6)),
    ];
    for (name, touch) in touches {
        let (mut service, unclaimed) = start();
        assert_eq!(service.admin().get("/persons").json()[0]["owner"], "ada");
        let _ = service.user("eve").get("/persons/3").expect(403);
        assert_eq!(unclaimed(&service), "1,2,3,4,5,6", "neither Eve nor an administrator claims a person");
        touch(&service);
        assert_eq!(unclaimed(&service), "2,4,6", "{name}");
        service.restart();
        let _ = service.second("ada").get("/persons/1").expect(403);
        assert_eq!(service.second("ada").get("/persons").json(), json!([]), "{name}");
        assert_eq!(service.ada().get("/persons/1").expect(200).json()["owner"], "ada", "{name}");
        assert_eq!(numbers(&service.user("bob").get("/persons"), "id"), [2, 4, 6], "{name}");
    }
}

#[test]
fn persons_that_cannot_be_claimed_are_read_all_the_same() {
    let service = PersonService::on_file(10_000, without_accounts);
    let other = Connection::open(service.db()).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("no other writer");
    let _ = service.ada().get("/persons/1").expect(200);
    let pages = pages(&service.ada(), "/persons?limit=2");
    let ids: Vec<i64> = pages.iter().flat_map(|page| numbers(page, "id")).collect();
    assert_eq!(ids, [1, 3, 5]);
    assert_eq!(unclaimed(&service), "1,2,3,4,5,6");
}
