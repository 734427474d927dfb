//! The connections to person: reused, lost, retried if that is safe, and opened again.

use std::collections::BTreeSet;
use std::time::Instant;

use testkit::{Answer, FakePerson, Response};

use crate::harness::{HealthService, at_once, path, record};

fn get(health: &HealthService) -> Answer {
    health.ada().get(&path(7))
}

#[test]
fn connection_is_reused() {
    let health = HealthService::with_record();
    for _ in 0..5 {
        let _ = get(&health).expect(200);
    }
    let connections: BTreeSet<usize> = health.person.lookups().iter().map(|heard| heard.connection).collect();
    assert_eq!(connections.len(), 1);
}

#[test]
fn connection_closed_while_idle_does_no_harm() {
    let health = HealthService::with_record();
    for _ in 0..5 {
        health.person.says_next([Response::PersonThenClose]);
        let _ = get(&health).expect(200);
    }
    let _ = get(&health).expect(200);
}

#[test]
fn lookup_on_a_stale_connection_is_retried() {
    for lost in [Response::Close, Response::Reset] {
        let health = HealthService::with_record();
        health.person.says_next([lost.clone()]);
        let _ = get(&health).expect(200);
        let lookups = health.person.lookups();
        assert_eq!(lookups.len(), 2, "{lost:?}");
        assert_ne!(lookups[0].connection, lookups[1].connection, "{lost:?}");
        assert_eq!(lookups[0].headers, lookups[1].headers, "{lost:?}");
    }
}

#[test]
fn lookup_is_retried_only_once() {
    let health = HealthService::with_record();
    health.person.says_next([Response::Close, Response::Close]);
    get(&health).expect_problem(503, "person-unreachable");
    assert_eq!(health.person.lookups().len(), 2);
    let _ = get(&health).expect(200);
}

#[test]
fn lookup_on_a_new_connection_is_not_retried() {
    for lost in [Response::Close, Response::Reset] {
        let health = HealthService::new();
        health.person.says_next([lost.clone()]);
        get(&health).expect_problem(503, "person-unreachable");
        assert_eq!(health.person.lookups().len(), 1, "{lost:?}");
    }
}

#[test]
fn lookup_with_a_partial_answer_is_not_retried() {
    for (says, status) in [
        (Response::Bytes("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{".to_owned()), 502),
        (Response::Bytes("H".to_owned()), 502),
        (Response::status(503), 503),
        (Response::status(500), 502),
        (Response::Hang, 504),
    ] {
        let health = HealthService::with_record();
        health.person.says_next([says.clone()]);
        assert_eq!(get(&health).status, status, "{says:?}");
        assert_eq!(health.person.lookups().len(), 1, "{says:?}");
    }
}

#[test]
fn health_recovers_when_person_comes_back() {
    let mut health = HealthService::with_record();
    let address = health.person.address();
    // Many connections, which all die with person.
    at_once(16, |_| drop(get(&health).expect(200)));
    for _ in 0..3 {
        // Person moves: the old address refuses connections.
        drop(std::mem::replace(&mut health.person, FakePerson::start()));
        let start = Instant::now();
        for answer in at_once(16, |_| get(&health)) {
            assert_eq!(answer.header("retry-after"), Some("1"));
            answer.expect_problem(503, "person-unreachable");
        }
        health.changing_nothing(|ada| ada.delete(&path(7))).expect_problem(503, "person-unreachable");
        assert!(start.elapsed().as_secs() < 2, "a refused connection is reported without delay");
        let _ = health.anybody().get("/readyz").expect(200);

        health.person = FakePerson::start_at(address).expect("the port is free again");
        for answer in at_once(16, |_| get(&health)) {
            assert_eq!(answer.expect(200).json(), record());
        }
    }
}
