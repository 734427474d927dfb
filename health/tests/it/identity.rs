//! The identity of person's database: in another database the same id is another person, so health reads, changes and
//! erases nothing.

use testkit::{FakePerson, Response, eventually};

use crate::harness::{HealthService, OPERATIONS, ada_at, dir, operate, path, record};
use crate::log;

const OURS: Option<&str> = Some("0d2f5c9e-6b1a-4c3d-9f7e-1a2b3c4d5e6f");
const OTHER: Option<&str> = Some("ffffffff-6b1a-4c3d-9f7e-1a2b3c4d5e6f");

/// Starts a service that knows the database, with a record of person 7.
fn with_record() -> HealthService {
    let health = HealthService::new();
    health.person.set_store(OURS);
    let _ = health.ada().post(&path(7), &record()).expect(201);
    health
}

/// Returns the last identity in the file.
fn remembered(health: &HealthService) -> Option<String> {
    let lines = log::read(&health.file());
    let last = lines.iter().rfind(|line| line["op"] == "mark")?;
    last["origin"].as_str().map(str::to_owned)
}

#[test]
fn first_identity_is_kept_in_the_file() {
    // The log of an earlier version, with a cursor and without an identity.
    let followed = log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"mark","mark":12}"#);
    let mut health = HealthService::on([log::empty(), followed, log::put(2, [2, 2], 7, 70.0)].concat());
    let _ = health.ada().get(&path(7)).expect(200);
    assert_eq!(remembered(&health), None);
    health.person.set_store(OURS);
    for _ in 0..2 {
        let _ = health.ada().get(&path(7)).expect(200);
        assert_eq!(remembered(&health).as_deref(), OURS);
        health.restart();
    }
    let marks: Vec<_> = log::read(&health.file()).into_iter().filter(|line| line["op"] == "mark").collect();
    assert_eq!((marks.len(), &marks[2]["mark"]), (3, &12.into()), "the cursor is kept");
    health.person.set_store(OTHER);
    health.ada().get(&path(7)).expect_problem(503, "person-replaced");
}

#[test]
fn feed_brings_the_first_identity_too() {
    let mut health = HealthService::on_file();
    health.stop();
    health.person.set_store(OURS);
    health.start().expect("the service starts");
    eventually("the identity is remembered", || remembered(&health).filter(|it| Some(&it[..]) == OURS));
}

#[test]
fn another_database_of_person_is_503_and_changes_nothing() {
    let health = with_record();
    let answers = [
        Response::Person,
        Response::status(404),
        Response::Answer(404, r#"{"type":"/problems/no-such-person"}"#.to_owned()),
    ];
    for store in [OTHER, None] {
        health.person.set_store(store);
        for says in &answers {
            health.person.says(says.clone());
            for method in OPERATIONS {
                let answer = health.changing_nothing(|ada| operate(ada, method, 7));
                assert_eq!(answer.status, 503, "{method} {store:?} {says:?}");
                assert!(!answer.header("server-timing").expect("a timing").contains("store;"), "{method}");
                if *method != "HEAD" {
                    answer.expect_problem(503, "person-replaced");
                }
            }
            let _ = health.anybody().get("/readyz").expect(200);
        }
    }
    // A refusal that names the other database is about a person of that database.
    health.person.set_store(OTHER);
    health.person.says(Response::status(403));
    health.ada().get(&path(7)).expect_problem(503, "person-replaced");
    // A refusal may also come from before the database.
    health.person.set_store(None);
    health.ada().get(&path(7)).expect_problem(403, "insufficient-scope");
    health.person.says(Response::Person);
    health.person.set_store(OURS);
    assert_eq!(health.ada().get(&path(7)).expect(200).json(), record());
}

#[test]
fn feed_of_another_database_erases_nothing() {
    let health = HealthService::purging();
    health.person.set_store(OURS);
    let _ = health.ada().post(&path(7), &record()).expect(201);
    for store in [OTHER, None] {
        health.person.set_store(store);
        let failures = health.metric("purge_failures_total");
        health.person.deletes(if store == OTHER { 1 } else { 2 }, 7);
        eventually("passes fail", || (health.metric("purge_failures_total") > failures + 2).then_some(()));
        assert_eq!(health.metric("purge_erased_total"), 0, "{store:?}");
    }
    health.person.set_store(OURS);
    eventually("the record is erased", || (health.metric("purge_erased_total") == 1).then_some(()));
}

#[test]
fn invalid_identity_is_person_broken() {
    let health = with_record();
    let person = r#"{"id":7,"name":"Ada"}"#;
    let ours = OURS.unwrap();
    for header in [
        "Person-Store: ".to_owned(),
        format!("Person-Store: {}", "x".repeat(65)),
        "Person-Store: é".to_owned(),
        format!("Person-Store: {ours}\r\nPerson-Store: {ours}"),
    ] {
        let length = person.len();
        health.person.says(Response::Bytes(format!(
            "HTTP/1.1 200 OK\r\n{header}\r\nContent-Length: {length}\r\n\r\n{person}"
        )));
        for method in ["GET", "PUT"] {
            let answer = health.changing_nothing(|ada| operate(ada, method, 7));
            answer.expect_problem(502, "person-broken");
        }
    }
}

#[test]
fn lookup_that_began_before_the_first_identity_is_refused() {
    let health = HealthService::with_record();
    health.person.says_at("/persons/8", Response::Person);
    health.person.says(Response::Hold);
    std::thread::scope(|scope| {
        let write = scope.spawn(|| operate(&health.ada(), "PUT", 7));
        eventually("person is asked", || health.person.lookups().pop());
        health.person.set_store(OURS);
        health.ada().get(&path(8)).expect_problem(404, "no-health-record");
        // The answer to the write names no database.
        health.person.says(Response::Person);
        write.join().expect("no panic").expect_problem(503, "person-replaced");
    });
}

#[test]
fn reads_go_on_if_the_identity_cannot_be_stored() {
    let person = FakePerson::start();
    let dir = dir(&person);
    // Two blocks of 512 bytes. The default action of SIGXFSZ would end the process.
    let mut service = dir.serve_after("trap '' XFSZ; ulimit -f 2");
    let ada = ada_at(&mut service);
    let full = (1..100).find(|id| ada.post(&path(*id), &serde_json::json!({"weight": 1})).status == 507);
    assert!(full > Some(1));
    person.set_store(OURS);
    let _ = ada.get(&path(1)).expect(200);
    ada.put(&path(1), &record()).expect_problem(507, "disk-full");
    service.signal("TERM");
    assert!(service.ended().success());
    let mut service = dir.serve();
    let ada = ada_at(&mut service);
    let _ = ada.put(&path(1), &record()).expect(200);
    person.set_store(OTHER);
    ada.get(&path(1)).expect_problem(503, "person-replaced");
}
