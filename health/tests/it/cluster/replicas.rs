//! Several replicas over one database.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{Client, FakePerson, InProcess, PATIENCE, Response, eventually, tokens};

use super::{create_database, location, query};
use crate::harness::{at_once, etag, path, record, start_at, text};

/// Two replicas and the person service that both ask.
struct Replicas {
    person: FakePerson,
    url: String,
    services: Vec<InProcess>,
}

impl Replicas {
    /// Starts both at once, on an empty database.
    fn start(purge_every: Duration) -> Self {
        let (person, url) = (FakePerson::start(), create_database());
        let start = |_| start_at(location(&url), &person.url(), purge_every, storage::ERASE_AFTER);
        let services: Vec<_> = at_once(2, start).into_iter().map(|it| it.expect("it starts")).collect();
        let replicas = Self { person, url, services };
        for number in 0..2 {
            let ready = || (replicas.ada(number).get("/readyz").status == 200).then_some(());
            eventually("the replica is ready", ready);
        }
        replicas
    }

    /// Starts both; each reads the feed at its start only.
    fn without_purge() -> Self {
        Self::start(Duration::from_secs(3600))
    }

    /// A client of one of the two.
    fn ada(&self, number: usize) -> Client {
        self.services[number % 2].client().with_token(&tokens::user("ada"))
    }

    fn query(&self, sql: &str) -> String {
        query(&self.url, sql)
    }
}

#[test]
fn acknowledged_write_is_seen_by_the_other_replica() {
    let replicas = Replicas::without_purge();
    let (one, other) = (replicas.ada(0), replicas.ada(1));
    let mut tags = BTreeSet::new();
    for weight in 50..60 {
        let added = one.post(&path(7), &record()).expect(201);
        let read = other.get(&path(7)).expect(200);
        assert_eq!((read.text(), etag(&read)), (added.text(), etag(&added)));
        other.post(&path(7), &record()).expect_problem(409, "health-record-exists");
        let changed = other.put(&path(7), &json!({"weight": weight})).expect(200);
        assert_eq!(one.get(&path(7)).expect(200).text(), changed.text());
        let _ = other.delete(&path(7)).expect(204);
        one.get(&path(7)).expect_problem(404, "no-health-record");
        tags.extend([etag(&added), etag(&changed)]);
    }
    assert_eq!(tags.len(), 20, "a version came again: {tags:?}");
}

#[test]
fn vital_signs_are_kept_to_the_digit() {
    let replicas = Replicas::without_purge();
    for (sent, kept) in [
        (r#"{"weight":57.50,"height":110.82535215952987}"#, r#"{"weight":57.5,"height":110.82535215952987}"#),
        (r#"{"height":175.0,"weight":0.2}"#, r#"{"weight":0.2,"height":175}"#),
    ] {
        let call = replicas.ada(0).call("POST", &path(7)).header("Content-Type", "application/json");
        let _ = call.body(sent).send().expect(201);
        assert_eq!(text(&replicas.ada(1).get(&path(7)).expect(200)), kept);
        assert_eq!(replicas.query("SELECT vitals FROM record"), kept);
        let _ = replicas.ada(1).delete(&path(7)).expect(204);
    }
}

#[test]
fn clients_at_two_replicas_lose_no_update() {
    let replicas = Replicas::without_purge();
    let _ = replicas.ada(0).post(&path(7), &json!({"heart_rate": 10})).expect(201);
    let tags = at_once(64, |number| {
        let (client, start) = (replicas.ada(number), Instant::now());
        loop {
            assert!(start.elapsed() < PATIENCE * 3, "client {number} never changes the record");
            // Half of the clients count, with If-Match; the others change another number, without.
            let read = client.get(&path(7));
            if read.status != 200 {
                continue;
            }
            let answer = if number / 2 % 2 == 0 {
                let rate = read.json()["heart_rate"].as_u64().expect("a number") + 1;
                let call = client.call("PATCH", &path(7)).header("If-Match", &etag(&read));
                call.json(&json!({"heart_rate": rate})).send()
            } else {
                client.patch(&path(7), &json!({"weight": 100 + number}))
            };
            match answer.status {
                200 => return etag(&answer),
                // Another client came first, or 32 wait for 16 connections.
                412 | 503 => {}
                status => panic!("{status}: {}", answer.text()),
            }
        }
    });
    assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), 64, "each update has its own ETag");
    let last = replicas.ada(1).get(&path(7)).expect(200);
    assert_eq!((last.json()["heart_rate"].as_u64(), &etag(&last)[..]), (Some(42), "\"65\""));
}

#[test]
fn one_of_many_posts_at_two_replicas_creates_the_record() {
    let replicas = Replicas::without_purge();
    for id in 1..=5 {
        let answers = at_once(16, |number| replicas.ada(number).post(&path(id), &record()).status);
        let count = |wanted| answers.iter().filter(|status| **status == wanted).count();
        assert_eq!((count(201), count(409)), (1, 15), "{answers:?}");
    }
}

#[test]
fn replicas_purge_at_once_and_no_late_write_stays() {
    let replicas = Replicas::start(Duration::from_millis(20));
    for id in 1..=20 {
        let _ = replicas.ada(0).post(&path(id), &record()).expect(201);
    }
    // Writers go on while the persons are deleted one after the other: the fake person lets each write through.
    at_once(3, |number| match number {
        0 => (1..=20).for_each(|id| replicas.person.deletes(id, id)),
        _ => (1..=20).for_each(|id| {
            for method in ["PUT", "DELETE", "POST", "PATCH"] {
                let call = replicas.ada(number).call(method, &path(id));
                let answer = call.json(&record()).send();
                assert!([200, 201, 204, 404, 409, 503].contains(&answer.status), "{}", answer.text());
            }
        }),
    });
    let cursor = || replicas.query("SELECT cursor FROM follows");
    eventually("the cursor is at the end", || (cursor() == "20").then_some(()));
    assert_eq!(replicas.query("SELECT count(*) FROM record WHERE vitals IS NOT NULL"), "0");
    for id in [1, 20] {
        replicas.ada(0).get(&path(id)).expect_problem(404, "no-health-record");
        // As if the lookup had been answered before the deletion.
        replicas.ada(1).post(&path(id), &record()).expect_problem(404, "no-such-person");
    }
    // A person whom nobody measured is marked too.
    replicas.person.deletes(21, 99);
    eventually("the cursor is at the end", || (cursor() == "21").then_some(()));
    replicas.ada(0).post(&path(99), &record()).expect_problem(404, "no-such-person");
    assert_eq!(replicas.query("SELECT count(*) FROM record WHERE vitals IS NOT NULL"), "0");
}

#[test]
fn person_who_is_restored_gets_a_record_again() {
    let replicas = Replicas::start(Duration::from_millis(20));
    let before = etag(&replicas.ada(0).post(&path(7), &record()).expect(201));
    replicas.person.deletes(1, 7);
    eventually("the purge is done", || (replicas.ada(0).get(&path(7)).status == 404).then_some(()));
    replicas.ada(0).post(&path(7), &record()).expect_problem(404, "no-such-person");
    // An hour later.
    replicas.query("UPDATE record SET gone = gone - INTERVAL '61 minutes'");
    assert_ne!(etag(&replicas.ada(1).post(&path(7), &record()).expect(201)), before);
}

#[test]
fn first_identity_counts_for_both_replicas() {
    let replicas = Replicas::without_purge();
    replicas.person.set_store(Some("ours"));
    let _ = replicas.ada(0).post(&path(7), &record()).expect(201);
    assert_eq!(replicas.query("SELECT origin FROM follows"), "ours");
    for store in [Some("other"), None] {
        replicas.person.set_store(store);
        for answer in [Response::Person, Response::status(404)] {
            replicas.person.says(answer);
            replicas.ada(1).get(&path(7)).expect_problem(503, "person-replaced");
            replicas.ada(1).put(&path(7), &record()).expect_problem(503, "person-replaced");
        }
        replicas.person.says(Response::Person);
    }
    replicas.person.set_store(Some("ours"));
    assert_eq!(replicas.ada(1).get(&path(7)).expect(200).json(), record());
}
