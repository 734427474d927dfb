//! The connections to person: kept, lost, tried once more where that is safe, and found again.

use std::collections::BTreeSet;
use std::time::Instant;

use testkit::{Answer, FakePerson, Say};

use crate::lab::{Lab, at_once, path, record};

fn get(lab: &Lab) -> Answer {
    lab.ada().get(&path(7))
}

/// With a record, and a connection to person that is kept.
fn connected() -> Lab {
    let lab = Lab::new();
    let _ = lab.ada().post(&path(7), &record()).expect(201);
    lab.person.lookups();
    lab
}

#[test]
fn a_connection_is_kept() {
    let lab = connected();
    for _ in 0..5 {
        let _ = get(&lab).expect(200);
    }
    let connections: BTreeSet<usize> = lab.person.lookups().iter().map(|heard| heard.connection).collect();
    assert_eq!(connections.len(), 1);
}

#[test]
fn a_connection_that_person_closed_while_idle_is_not_noticed() {
    let lab = connected();
    for _ in 0..5 {
        lab.person.says_next([Say::PersonThenClose]);
        let _ = get(&lab).expect(200);
    }
    let _ = get(&lab).expect(200);
}

#[test]
fn a_lookup_on_a_stale_connection_is_tried_once_more() {
    for lost in [Say::Close, Say::Reset] {
        let lab = connected();
        lab.person.says_next([lost.clone()]);
        let _ = get(&lab).expect(200);
        let lookups = lab.person.lookups();
        assert_eq!(lookups.len(), 2, "{lost:?}");
        assert_ne!(lookups[0].connection, lookups[1].connection, "{lost:?}");
        assert_eq!(lookups[0].headers, lookups[1].headers, "{lost:?}");
    }
}

#[test]
fn and_only_once() {
    let lab = connected();
    lab.person.says_next([Say::Close, Say::Close]);
    get(&lab).expect_problem(503, "person-unreachable");
    assert_eq!(lab.person.lookups().len(), 2);
    let _ = get(&lab).expect(200);
}

#[test]
fn a_lookup_on_a_fresh_connection_is_not_tried_again() {
    for lost in [Say::Close, Say::Reset] {
        let lab = Lab::new();
        lab.person.says_next([lost.clone()]);
        get(&lab).expect_problem(503, "person-unreachable");
        assert_eq!(lab.person.lookups().len(), 1, "{lost:?}");
    }
}

#[test]
fn nothing_that_was_answered_in_part_is_tried_again() {
    for (says, status) in [
        (Say::Bytes("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{".to_owned()), 502),
        (Say::Bytes("H".to_owned()), 502),
        (Say::status(503), 503),
        (Say::status(500), 502),
        (Say::Hang, 504),
    ] {
        let lab = connected();
        lab.person.says_next([says.clone()]);
        assert_eq!(get(&lab).status, status, "{says:?}");
        assert_eq!(lab.person.lookups().len(), 1, "{says:?}");
    }
}

#[test]
fn person_may_go_and_come_back_and_health_need_not_be_restarted() {
    let mut lab = connected();
    let address = lab.person.address();
    // Many connections, all of which die.
    at_once(16, |_| drop(get(&lab).expect(200)));
    for _ in 0..3 {
        // A person that is elsewhere: nobody listens at the old address.
        drop(std::mem::replace(&mut lab.person, FakePerson::start()));
        let start = Instant::now();
        for answer in at_once(16, |_| get(&lab)) {
            assert_eq!(answer.header("retry-after"), Some("1"));
            answer.expect_problem(503, "person-unreachable");
        }
        lab.changing_nothing(|ada| ada.delete(&path(7))).expect_problem(503, "person-unreachable");
        assert!(start.elapsed().as_secs() < 2, "refused is said at once");
        let _ = lab.anybody().get("/readyz").expect(200);

        lab.person = FakePerson::start_at(address).expect("the port is free again");
        for answer in at_once(16, |_| get(&lab)) {
            assert_eq!(answer.expect(200).json(), record());
        }
    }
}
