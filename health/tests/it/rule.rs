//! The rule of the lab: before every operation health asks person, every time, and continues only on `200 OK`.

use testkit::{Response, tokens};

use crate::harness::{HealthService, OPERATIONS, at_once, operate, path, record};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn each_operation_makes_one_lookup_with_token_and_trace() {
    let health = HealthService::new();
    let token = tokens::user("ada");
    let somebody = health.anybody().with_token(&token);
    let _ = somebody.post(&path(7), &record()).expect(201);
    health.person.lookups();
    for method in OPERATIONS {
        let id = if *method == "POST" { 8 } else { 7 };
        let call = somebody.call(method, &path(id)).header("traceparent", TRACE).json(&record());
        let answer = call.send();
        assert!(answer.status < 300, "{method}: {}", answer.text());
        let lookups = health.person.lookups();
        assert_eq!(lookups.len(), 1, "{method}");
        assert_eq!((&lookups[0].method[..], &lookups[0].target[..]), ("GET", &format!("/persons/{id}")[..]));
        assert_eq!(lookups[0].token(), token, "{method}");
        assert_eq!(lookups[0].header("traceparent"), Some(TRACE), "{method}");
        assert_eq!(answer.header("traceparent"), Some(TRACE), "{method}");
        let timing = answer.header("server-timing").expect("a timing");
        assert!(timing.contains(&format!("desc=\"GET /persons/{id} 200\"")), "{timing}");
        assert!(timing.starts_with("total;dur=") && timing.contains("store;dur="), "{timing}");
    }
}

#[test]
fn tracestate_is_passed_on_with_its_traceparent() {
    let health = HealthService::new();
    let read = |traceparent: &str| {
        let call = health.ada().call("GET", &path(7)).header("traceparent", traceparent);
        let _ = call.header("tracestate", "a=1").header("tracestate", "b=2").send();
        health.person.lookups().pop().expect("a lookup").header("tracestate").map(str::to_owned)
    };
    assert_eq!(read(TRACE), Some("a=1,b=2".to_owned()));
    assert_eq!(read("nonsense"), None, "a new trace has no state");
}

#[test]
fn new_traceparent_is_sent_to_caller_and_person() {
    let health = HealthService::new();
    let answer = health.ada().get(&path(7));
    let made = answer.header("traceparent").expect("a traceparent");
    assert_eq!(health.person.lookups()[0].header("traceparent"), Some(made));
    let trace_id = answer.json()["trace_id"].as_str().expect("text").to_owned();
    assert_eq!(made.split('-').nth(1), Some(&trace_id[..]));
}

#[test]
fn lookups_are_not_cached() {
    let health = HealthService::with_record();
    for asked in 1..=5 {
        let _ = health.ada().get(&path(7)).expect(200);
        assert_eq!(health.person.lookups().len(), 1, "the {asked}th time");
    }
    health.person.says(Response::status(404));
    health.ada().get(&path(7)).expect_problem(404, "no-such-person");
    health.person.says(Response::Person);
    let _ = health.ada().get(&path(7)).expect(200);
}

#[test]
fn concurrent_lookups_are_not_coalesced() {
    let health = HealthService::with_record();
    at_once(32, |_| drop(health.ada().get(&path(7)).expect(200)));
    assert_eq!(health.person.lookups().len(), 32);
}

#[test]
fn each_lookup_carries_the_token_of_its_caller() {
    let health = HealthService::new();
    let people: Vec<String> = ["ada", "bob", "eve"].map(tokens::user).to_vec();
    at_once(people.len(), |number| drop(health.anybody().with_token(&people[number]).get(&path(7))));
    let mut heard: Vec<String> =
        health.person.lookups().iter().map(|heard| heard.token().to_owned()).collect();
    let mut people = people;
    heard.sort();
    people.sort();
    assert_eq!(heard, people);
}

#[test]
fn unknown_person_changes_nothing() {
    let health = HealthService::with_record();
    let before = health.state([7]);
    health.person.says(Response::status(404));
    for method in OPERATIONS {
        for id in [7, 8] {
            let answer = health.changing_nothing(|ada| operate(ada, method, id));
            assert_eq!(answer.status, 404, "{method} {id}");
        }
    }
    // A 404 erases nothing either.
    health.person.says(Response::Person);
    assert_eq!(health.state([7, 8]), [before, vec![(8, None)]].concat());
}
