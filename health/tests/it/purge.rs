//! Following person's deletions: what is held of a deleted person goes, and of nobody else.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::{FakePerson, Say, eventually, tokens};

use crate::lab::{Lab, path, place, record, state};
use crate::log;

/// Waits until the feed was asked `passes` times more from the beginning.
fn passes(lab: &Lab, passes: usize) {
    lab.person.feed_requests();
    let mut seen = 0;
    eventually("the feed is asked", || {
        seen += lab.person.feed_requests().len();
        (seen > passes).then_some(())
    });
}

fn is_gone(lab: &Lab, id: i64) {
    eventually("the record is erased", || (lab.ada().get(&path(id)).status == 404).then_some(()));
}

fn add(lab: &Lab, ids: &[i64]) {
    for id in ids {
        let _ = lab.ada().post(&path(*id), &record()).expect(201);
    }
}

#[test]
fn a_deleted_persons_record_is_erased_and_nobody_elses_and_for_good() {
    let mut lab = Lab::purging();
    add(&lab, &[7, 8]);
    let other = lab.state([8]);
    lab.person.deletes(1, 7);
    is_gone(&lab, 7);
    assert_eq!(lab.state([8]), other);
    lab.restart();
    assert_eq!(lab.state([7, 8]), [vec![(7, None)], other].concat());
    log::read(&lab.file());
}

#[test]
fn the_feed_is_asked_with_a_token_that_health_signs_for_person_alone() {
    let lab = Lab::new();
    let asked = eventually("the feed is asked", || lab.person.feed_requests().pop());
    assert_eq!((&asked.method[..], asked.query("after"), asked.query("limit")), ("GET", Some(0), Some(1000)));
    let (header, claims) = tokens::read(asked.token());
    assert_eq!(
        (&header["alg"], &header["typ"], &header["kid"]),
        (&json!("HS256"), &json!("at+jwt"), &json!("test"))
    );
    let number = |claim: &str| claims[claim].as_u64().expect("a number");
    assert_eq!(number("exp") - number("iat"), 60);
    assert!(claims["aud"] == "person" || claims["aud"] == json!(["person"]), "{claims}");
    for (claim, value) in [("iss", "health"), ("sub", "health"), ("role", "service")] {
        assert_eq!(claims[claim], value, "{claims}");
    }
    assert!(claims["jti"].is_string());
}

#[test]
fn a_lookup_that_is_404_erases_nothing() {
    let lab = Lab::purging();
    add(&lab, &[7]);
    let before = lab.state([7]);
    lab.person.says(Say::status(404));
    lab.ada().get(&path(7)).expect_problem(404, "no-such-person");
    lab.ada().delete(&path(7)).expect_problem(404, "no-such-person");
    passes(&lab, 2);
    lab.person.says(Say::Person);
    assert_eq!(lab.state([7]), before);
}

#[test]
fn a_feed_that_fails_or_lies_erases_nothing_and_health_goes_on() {
    let lab = Lab::purging();
    add(&lab, &[7, 8]);
    let before = lab.state([7, 8]);
    let deletion = r#"[{"seq":1,"id":7}]"#;
    let length = deletion.len();
    for says in [
        Say::status(500),
        Say::Answer(404, deletion.to_owned()),
        Say::Answer(401, deletion.to_owned()),
        Say::Answer(503, deletion.to_owned()),
        Say::Bytes(format!(
            "HTTP/1.1 302 Found\r\nLocation: /persons/x\r\nContent-Length: {length}\r\n\r\n{deletion}"
        )),
        Say::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{deletion}", length + 1)),
        Say::body("garbage"),
        Say::body(r#"{"seq":1,"id":7}"#),
        Say::body(r#"[{"seq":"1","id":7}]"#),
        Say::body(r#"[{"id":7}]"#),
        Say::body(r#"[{"seq":0,"id":7}]"#),
        Say::body(r#"[{"seq":-1,"id":7}]"#),
        Say::body(r#"[{"seq":2,"id":7},{"seq":1,"id":8}]"#),
        Say::body(r#"[{"seq":1,"id":7},{"seq":1,"id":8}]"#),
        Say::body(r#"[{"seq":1,"id":7},{"seq":2,"id":0}]"#),
        Say::body(r#"[{"seq":1,"id":7},{"seq":2,"id":-8}]"#),
        Say::body(format!("[{{\"seq\":1,\"id\":7}}{}]", " ".repeat(1024 * 1024))),
        Say::Close,
        Say::Reset,
    ] {
        lab.person.says_of_deletions(says.clone());
        passes(&lab, 2);
        assert_eq!(lab.state([7, 8]), before, "{says:?}");
    }
    let metrics = lab.anybody().get("/metrics").text();
    assert!(metrics.contains("purge_erased_total 0\n"), "{metrics}");
    assert!(!metrics.contains("purge_failures_total 0\n"), "{metrics}");
    // It is asked again, and believed once it makes sense.
    lab.person.says_of_deletions(Say::Person);
    lab.person.deletes(1, 7);
    is_gone(&lab, 7);
    assert_eq!(lab.state([8]), before[1..]);
}

#[test]
fn pages_are_followed_to_the_end() {
    let lab = Lab::purging();
    add(&lab, &[7, 8, 9]);
    for seq in 1..=2500 {
        // Of persons of whom nothing is held, but for one on each page.
        let id = match seq {
            10 => 7,
            1010 => 8,
            2500 => 9,
            _ => 100_000 + seq,
        };
        lab.person.deletes(seq, id);
    }
    for id in [7, 8, 9] {
        is_gone(&lab, id);
    }
    let mut asked = BTreeSet::new();
    eventually("a whole pass is seen", || {
        asked.extend(lab.person.feed_requests().iter().filter_map(|asked| asked.query("after")));
        (asked == BTreeSet::from([0, 1000, 2000])).then_some(())
    });
}

#[test]
fn the_place_trails_so_that_a_write_in_flight_during_the_deletion_is_caught_later() {
    let lab = Lab::purging();
    add(&lab, &[7]);
    lab.person.deletes(5, 7);
    is_gone(&lab, 7);
    // Person said 200 before the deletion; the write comes after it was followed.
    add(&lab, &[7]);
    is_gone(&lab, 7);
    passes(&lab, 2);
    let asked = eventually("the feed is asked", || lab.person.feed_requests().pop());
    assert_eq!(asked.query("after"), Some(0), "thirty seconds have not passed");
    // What is not there leaves no line: the file does not grow with every pass.
    let before = lab.content();
    passes(&lab, 3);
    assert_eq!(lab.content(), before);
}

#[test]
fn the_place_is_kept_in_the_file() {
    let followed = log::seal(r#"{"seq":1,"batch":[1,1],"op":"mark","mark":12}"#);
    let mut lab = Lab::on([log::empty(), followed].concat());
    for _ in 0..2 {
        let asked = eventually("the feed is asked", || lab.person.feed_requests().pop());
        assert_eq!(asked.query("after"), Some(12));
        lab.restart();
    }
}

#[test]
fn the_process_follows_as_often_as_it_is_told() {
    let person = FakePerson::start();
    let place = place(&person);
    let mut service = place.serve_with(&[("HEALTH_PURGE_SECONDS", "1")]);
    let ada = service.client().with_token(&tokens::user("ada"));
    let _ = ada.post(&path(7), &record()).expect(201);
    let _ = ada.post(&path(8), &record()).expect(201);
    person.deletes(1, 7);
    eventually("the record is erased", || (ada.get(&path(7)).status == 404).then_some(()));
    service.signal("KILL");
    service.ended();
    let mut service = place.serve();
    let ada = service.client().with_token(&tokens::user("ada"));
    let held: Vec<bool> = state(&ada, [7, 8]).into_iter().map(|(_, known)| known.is_some()).collect();
    assert_eq!(held, [false, true]);
}
