//! `Idempotency-Key`: a creation that is sent again.

use std::thread;

use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::service::{PersonService, ada, body, test_dir};

fn create_with(client: &Client, key: &str, name: &str) -> Answer {
    send(client, key, &json!({"name": name}))
}

fn send(client: &Client, key: &str, body: &Value) -> Answer {
    client.call("POST", "/persons").header("Idempotency-Key", key).json(body).send()
}

/// Returns what a repetition must repeat.
fn whole(answer: &Answer) -> (u16, Option<&str>, Option<&str>, &[u8]) {
    (answer.status, answer.header("location"), answer.header("etag"), &answer.body)
}

#[test]
fn repetition_returns_the_first_answer_and_creates_nothing() {
    let service = PersonService::start();
    let first = create_with(&service.ada(), "k", "Ada").expect(201);
    let _ = service.ada().put("/persons/1", &json!({"name": "Eve"})).expect(200);
    assert_eq!(whole(&create_with(&service.ada(), "k", "Ada")), whole(&first));
    let _ = service.ada().delete("/persons/1").expect(204);
    assert_eq!(whole(&create_with(&service.ada(), "k", "Ada")), whole(&first));
    assert_eq!(service.list(), json!([]));
}

#[test]
fn key_with_another_body_is_422() {
    let service = PersonService::start();
    let first = body("Ada");
    let _ = send(&service.ada(), "k", &first).expect(201);
    let mut others = vec![body("Eve")];
    for member in first.as_object().expect("an object").keys().filter(|member| *member != "name") {
        let mut without = first.clone();
        without.as_object_mut().expect("an object").remove(member);
        others.push(without);
    }
    for other in others {
        send(&service.ada(), "k", &other).expect_problem(422, "idempotency-key-reused");
    }
    assert_eq!(service.list().as_array().map(Vec::len), Some(1));
}

#[test]
fn key_belongs_to_its_caller() {
    let service = PersonService::start();
    let _ = create_with(&service.ada(), "k", "Ada").expect(201);
    assert_eq!(create_with(&service.user("bob"), "k", "Bob").expect(201).json()["id"], 2);
    assert_eq!(create_with(&service.ada(), "K", "Ada").expect(201).json()["id"], 3, "another key");
    assert_eq!(service.ada().post("/persons", &json!({"name": "Ada"})).expect(201).json()["id"], 4, "no key");
}

#[test]
fn repetitions_at_once_create_one_person() {
    let service = PersonService::start();
    let ada = &service.ada();
    let answers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(|| create_with(ada, "k", "Ada"))).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert!(answers.iter().all(|answer| whole(answer) == whole(&answers[0]) && answer.status == 201));
    assert_eq!(service.list(), json!([{"id": 1, "name": "Ada", "owner": "ada"}]));
}

#[test]
fn key_survives_a_kill() {
    let dir = test_dir();
    let mut process = dir.serve();
    let first = create_with(&ada(&mut process), "k", "Ada").expect(201);
    process.signal("KILL");
    process.ended();
    let mut process = dir.serve();
    let client = ada(&mut process);
    assert_eq!(whole(&create_with(&client, "k", "Ada")), whole(&first));
    assert_eq!(client.get("/persons").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn refused_creation_leaves_the_key_unused() {
    let service = PersonService::with_limit(1);
    let _ = create_with(&service.ada(), "a", "Ada").expect(201);
    create_with(&service.ada(), "b", "Eve").expect_problem(403, "limit-reached");
    // A repetition needs no room.
    let _ = create_with(&service.ada(), "a", "Ada").expect(201);
    let _ = service.ada().delete("/persons/1").expect(204);
    assert_eq!(create_with(&service.ada(), "b", "Eve").expect(201).json()["name"], "Eve");
}

#[test]
fn invalid_or_repeated_key_is_400() {
    let service = PersonService::start();
    for key in ["", "\u{e9}", &"k".repeat(65)] {
        create_with(&service.ada(), key, "Ada").expect_problem(400, "bad-header");
    }
    let twice = service.ada().call("POST", "/persons").header("Idempotency-Key", "a");
    let twice = twice.header("Idempotency-Key", "a").json(&json!({"name": "Ada"})).send();
    twice.expect_problem(400, "bad-header");
    assert_eq!(service.list(), json!([]));
    for key in ["k", "~ !", &"k".repeat(64)] {
        let _ = create_with(&service.ada(), key, "Ada").expect(201);
    }
}
