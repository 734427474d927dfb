//! The purge: the record of a deleted person is erased, and no other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use testkit::{FakePerson, Response, eventually, tokens};

use crate::harness::{HealthService, ada_at, dir, path, record};
use crate::log;

/// Waits until health has read the feed `passes` more times.
fn passes(health: &HealthService, passes: usize) {
    health.person.feed_requests();
    let mut seen = 0;
    eventually("the feed is asked", || {
        seen += health.person.feed_requests().len();
        (seen > passes).then_some(())
    });
}

fn is_gone(health: &HealthService, id: i64) {
    eventually("the record is erased", || (health.ada().get(&path(id)).status == 404).then_some(()));
}

fn add(health: &HealthService, ids: &[i64]) {
    for id in ids {
        let _ = health.ada().post(&path(*id), &record()).expect(201);
    }
}

#[test]
fn record_of_a_deleted_person_is_erased() {
    let mut health = HealthService::purging();
    add(&health, &[7, 8]);
    let other = health.state([8]);
    health.person.deletes(1, 7);
    is_gone(&health, 7);
    assert_eq!(health.state([8]), other);
    health.restart();
    assert_eq!(health.state([7, 8]), [vec![(7, None)], other].concat());
    #[cfg(not(feature = "cluster"))]
    log::read(&health.file());
}

#[test]
fn feed_is_read_with_a_token_for_person_alone() {
    let health = HealthService::new();
    let asked = eventually("the feed is asked", || health.person.feed_requests().pop());
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
fn lookup_with_404_erases_nothing() {
    let health = HealthService::purging();
    add(&health, &[7]);
    let before = health.state([7]);
    health.person.says(Response::status(404));
    health.ada().get(&path(7)).expect_problem(404, "no-such-person");
    health.ada().delete(&path(7)).expect_problem(404, "no-such-person");
    passes(&health, 2);
    health.person.says(Response::Person);
    assert_eq!(health.state([7]), before);
}

#[test]
fn invalid_feed_erases_nothing() {
    let health = HealthService::purging();
    add(&health, &[7, 8]);
    let before = health.state([7, 8]);
    let deletion = r#"[{"seq":1,"id":7}]"#;
    let length = deletion.len();
    for says in [
        Response::status(500),
        Response::Answer(404, deletion.to_owned()),
        Response::Answer(401, deletion.to_owned()),
        Response::Answer(503, deletion.to_owned()),
        Response::Bytes(format!(
            "HTTP/1.1 302 Found\r\nLocation: /persons/x\r\nContent-Length: {length}\r\n\r\n{deletion}"
        )),
        Response::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{deletion}", length + 1)),
        Response::body("garbage"),
        Response::body(r#"{"seq":1,"id":7}"#),
        Response::body(r#"[{"seq":"1","id":7}]"#),
        Response::body(r#"[{"id":7}]"#),
        Response::body(r#"[{"seq":0,"id":7}]"#),
        Response::body(r#"[{"seq":-1,"id":7}]"#),
        Response::body(r#"[{"seq":2,"id":7},{"seq":1,"id":8}]"#),
        Response::body(r#"[{"seq":1,"id":7},{"seq":1,"id":8}]"#),
        Response::body(r#"[{"seq":1,"id":7},{"seq":2,"id":0}]"#),
        Response::body(r#"[{"seq":1,"id":7},{"seq":2,"id":-8}]"#),
        Response::body(format!("[{{\"seq\":1,\"id\":7}}{}]", " ".repeat(1024 * 1024))),
        Response::Close,
        Response::Reset,
    ] {
        health.person.says_of_deletions(says.clone());
        passes(&health, 2);
        assert_eq!(health.state([7, 8]), before, "{says:?}");
    }
    let metrics = health.anybody().get("/metrics").text();
    assert!(metrics.contains("purge_erased_total 0\n"), "{metrics}");
    assert!(!metrics.contains("purge_failures_total 0\n"), "{metrics}");
    // Health reads it again, and follows it once it is valid.
    health.person.says_of_deletions(Response::Person);
    health.person.deletes(1, 7);
    is_gone(&health, 7);
    assert_eq!(health.state([8]), before[1..]);
}

#[test]
fn all_pages_of_the_feed_are_read() {
    let mut health = HealthService::purging();
    add(&health, &[7, 8, 9]);
    // A pass in between would end in the middle of a page, and the next one begin there.
    health.stop();
    for seq in 1..=2500 {
        // Of persons without a record, except one on each page.
        let id = match seq {
            10 => 7,
            1010 => 8,
            2500 => 9,
            _ => 100_000 + seq,
        };
        health.person.deletes(seq, id);
    }
    health.start().expect("the service starts");
    for id in [7, 8, 9] {
        is_gone(&health, id);
    }
    let mut asked = BTreeSet::new();
    eventually("a whole pass is seen", || {
        asked.extend(health.person.feed_requests().iter().filter_map(|asked| asked.query("after")));
        asked.is_superset(&BTreeSet::from([0, 1000, 2000])).then_some(())
    });
}

#[test]
fn write_in_flight_during_the_deletion_is_erased_later() {
    let mut health = HealthService::purging_on_file();
    add(&health, &[7]);
    health.person.deletes(5, 7);
    is_gone(&health, 7);
    // Person answered 200 before the deletion; the write comes after the erasure.
    add(&health, &[7]);
    is_gone(&health, 7);
    passes(&health, 2);
    // A missing record leaves no line: the file does not grow with each pass.
    let before = health.content();
    passes(&health, 3);
    assert_eq!(health.content(), before);
    // Thirty seconds have not passed, so the cursor has not moved.
    health.person.feed_requests();
    health.restart();
    let asked = eventually("the feed is asked", || health.person.feed_requests().into_iter().next());
    assert_eq!(asked.query("after"), Some(0));
}

/// Reads the feed until the record of this person is erased, and returns how often each position was asked for.
fn asked_until_gone(health: &HealthService, id: i64) -> BTreeMap<i64, usize> {
    is_gone(health, id);
    let mut asked = BTreeMap::new();
    for request in health.person.feed_requests() {
        *asked.entry(request.query("after").expect("a position")).or_default() += 1;
    }
    asked
}

#[test]
fn long_feed_is_read_once() {
    let mut health = HealthService::purging_on_file();
    add(&health, &[20_000]);
    health.stop();
    health.person.feed_requests();
    for seq in 1..=20_000 {
        health.person.deletes(seq, seq);
    }
    health.start().expect("the service starts");
    let mut asked = asked_until_gone(&health, 20_000);
    // From its end on it is asked for once in each pass.
    asked.remove(&20_000);
    assert_eq!(asked, (0..20).map(|page| (page * 1000, 1)).collect());
    // Set at the end of a pass.
    eventually("all are pending", || (health.metric("purge_pending") == 20_000).then_some(()));
}

#[test]
fn one_pass_reads_at_most_fifty_pages() {
    let mut health = HealthService::on_file();
    add(&health, &[1]);
    health.stop();
    health.person.feed_requests();
    health.person.deletes_everybody();
    // The interval of this service is an hour. Records are erased at the end of a pass.
    health.start().expect("the service starts");
    assert_eq!(asked_until_gone(&health, 1), (0..50).map(|page| (page * 1000, 1)).collect());
}

#[test]
fn endless_feed_is_read_up_to_a_bound() {
    let health = HealthService::purging_on_file();
    health.person.feed_requests();
    health.person.deletes_everybody();
    eventually("the bound is reached", || (health.metric("purge_pending") >= 500_000).then_some(()));
    // Later passes read no further, and still erase.
    for _ in 0..2 {
        add(&health, &[400_000]);
        is_gone(&health, 400_000);
    }
    let asked = health.person.feed_requests();
    let further = asked.iter().filter(|asked| asked.query("after") > Some(0)).count();
    assert_eq!((further, health.metric("purge_pending")), (499, 500_000));
    assert!(log::read(&health.file()).iter().all(|line| line["op"] != "mark" || line["mark"] == 0));
}

#[test]
fn short_page_with_a_link_is_not_the_last() {
    let mut health = HealthService::new();
    add(&health, &[7, 8]);
    health.stop();
    let page = r#"[{"seq":1,"id":7}]"#;
    let next = "</persons/deleted?limit=1000&after=1>; rel=\"next\"";
    health.person.says_of_deletions(Response::Onward(format!(
        "HTTP/1.1 200 OK\r\nLink: {next}\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    )));
    health.person.feed_requests();
    health.start().expect("the service starts");
    is_gone(&health, 7);
    // The same page again is out of order, and ends the pass.
    let asked: Vec<_> = health.person.feed_requests().iter().map(|asked| asked.query("after")).collect();
    assert_eq!(asked, [Some(0), Some(1)]);
}

#[test]
fn feed_that_ends_before_the_cursor_is_read_again() {
    let person = FakePerson::start();
    let dir = dir(&person);
    let cursor = log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"mark","mark":12}"#);
    dir.write("store", log::empty() + &cursor);
    person.says_of_deletions(Response::status(400));
    let service = dir.serve_with(&[("HEALTH_PURGE_SECONDS", "1")]);
    eventually("the log says so", || {
        service.logs().contains("person's feed ends before deletion 12, which health has read").then_some(())
    });
    let mut asked = Vec::new();
    eventually("a second pass", || {
        asked.extend(person.feed_requests().iter().filter_map(|asked| asked.query("after")));
        (asked.len() > 1).then_some(())
    });
    assert_eq!(asked[..2], [12, 0]);
}

#[test]
fn cursor_is_kept_in_the_file() {
    let followed = log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"mark","mark":12}"#);
    let mut health = HealthService::on([log::empty(), followed].concat());
    for _ in 0..2 {
        let asked = eventually("the feed is asked", || health.person.feed_requests().pop());
        assert_eq!(asked.query("after"), Some(12));
        health.restart();
    }
}

#[test]
fn process_purges_at_the_configured_interval() {
    let person = FakePerson::start();
    let dir = dir(&person);
    let mut service = dir.serve_with(&[("HEALTH_PURGE_SECONDS", "1")]);
    let ada = ada_at(&mut service);
    let _ = ada.post(&path(7), &record()).expect(201);
    let _ = ada.post(&path(8), &record()).expect(201);
    person.deletes(1, 7);
    eventually("the record is erased", || (ada.get(&path(7)).status == 404).then_some(()));
    assert_eq!(ada.get(&path(8)).status, 200);
}
