//! After `person restore` no id, no number of a deletion and no ETag is issued again for other content, even if the
//! same copy is restored again and again.

use std::collections::BTreeMap;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::{Answer, Client, TestDir, tokens};

use crate::service::{ada, create, pages, test_dir};

/// Everything that a client was ever told, by its name: an id, a number of a deletion, or a URL with an ETag.
#[derive(Default)]
struct Told(BTreeMap<String, Value>);

impl Told {
    #[track_caller]
    fn add(&mut self, name: String, content: &Value) {
        let before = self.0.insert(name.clone(), content.clone());
        assert!(before.as_ref().is_none_or(|before| before == content), "{name}: {before:?}, then {content}");
    }

    fn person(&mut self, answer: &Answer) {
        let (person, etag) = (answer.json(), answer.header("etag").expect("an ETag"));
        self.add(format!("/persons/{} {etag}", person["id"]), &person);
    }

    /// Reads all persons and deletions.
    fn read_all(&mut self, ada: &Client) {
        for person in pages(ada, "/persons").iter().flat_map(list) {
            self.person(&ada.get(&format!("/persons/{}", person["id"])).expect(200));
        }
        let health = ada.with_token(&tokens::service());
        for deletion in pages(&health, "/persons/deleted").iter().flat_map(list) {
            self.add(format!("deletion {}", deletion["seq"]), &deletion);
        }
    }
}

fn list(page: &Answer) -> Vec<Value> {
    page.json().as_array().expect("an array").clone()
}

fn path(id: i64) -> String {
    format!("/persons/{id}")
}

/// Creates two persons, renames the first and deletes the second; also renames `before`, twice, and deletes it in every
/// other round. Returns the last ETag of `before`.
fn write(told: &mut Told, ada: &Client, before: i64, round: usize) -> String {
    let name = |what: &str| json!({"name": format!("{what} {round}")});
    for what in ["first", "second"] {
        let created = ada.post("/persons", &name(what)).expect(201);
        told.add(format!("id {}", created.json()["id"]), &name(what));
        let path = path(created.json()["id"].as_i64().expect("an id"));
        told.person(&created);
        told.person(&ada.put(&path, &name(&format!("{what}, again"))).expect(200));
        if what == "second" {
            let _ = ada.delete(&path).expect(204);
        }
    }
    let _ = ada.put(&path(before), &name("renamed")).expect(200);
    let renamed = ada.put(&path(before), &name("renamed again")).expect(200);
    told.person(&renamed);
    told.read_all(ada);
    if round.is_multiple_of(2) {
        let _ = ada.delete(&path(before)).expect(204);
        told.read_all(ada);
    }
    renamed.header("etag").expect("an ETag").to_owned()
}

#[test]
fn restored_copies_never_repeat_a_number() {
    let dir = test_dir();
    let mut process = dir.serve();
    let mut told = Told::default();
    let before = create(&ada(&mut process), "before");
    told.read_all(&ada(&mut process));
    let copy = dir.backup();
    let mut stale = write(&mut told, &ada(&mut process), before, 0);
    for round in 1..5 {
        process.signal("KILL");
        process.ended();
        if round == 3 {
            // The replaced database is lost: then the time alone must do.
            for name in dir.named("store") {
                fs::remove_file(dir.path(&name)).expect("it is there");
            }
        }
        let milliseconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        assert_eq!(dir.restore(&copy).code, Some(0));
        process = dir.serve();
        let ada = ada(&mut process);
        let person = ada.get(&path(before)).expect(200);
        assert_eq!(person.json()["name"], "before");
        told.person(&person);
        let change = ada.call("PUT", &path(before)).json(&json!({"name": "from stale content"}));
        let _ = change.header("if-match", &stale).send().expect(412);
        stale = write(&mut told, &ada, before, round);
        let new = ada.post("/persons", &json!({"name": "last"})).expect(201).json()["id"].as_u64();
        assert!(u128::from(new.expect("an id")) > milliseconds, "{new:?} is not past {milliseconds}");
    }
}

#[test]
fn numbers_of_a_store_ahead_of_the_clock_are_not_repeated() {
    let dir = test_dir();
    let mut process = dir.serve();
    create(&ada(&mut process), "before");
    let copy = dir.backup();
    drop(process);
    // As after restoring on a machine whose clock is wrong.
    let ahead = i64::MAX / 2;
    issue(&dir, ahead);
    assert_eq!(dir.restore(&copy).code, Some(0));
    let mut process = dir.serve();
    let ada = ada(&mut process);
    let etag = ada.get("/persons/1").expect(200).header("etag").map(str::to_owned);
    assert_eq!(etag, Some(format!("\"{ahead}\"")));
    assert_eq!(create(&ada, "next"), ahead + 1);
}

/// Makes the database one that has issued this version.
fn issue(dir: &TestDir, version: i64) {
    let db = sqlite::rusqlite::Connection::open(dir.path("store")).expect("a database");
    db.execute("UPDATE person SET version = ?1", [version]).expect("a person");
}
