//! Acknowledged means durable: `kill -9` loses no write that was answered with 2xx.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use testkit::{Client, FakePerson, Response, eventually, tokens};

use crate::harness::{dir, path, state};

const ROUNDS: usize = 5;
const WRITERS: i64 = 8;
const PERSONS_EACH: i64 = 5;
/// The number of acknowledged writes in a round before the kill.
const ENOUGH: usize = 150;

/// The possible records of a person: the acknowledged one, or that of a write without an answer.
#[derive(Default, Clone)]
struct Known {
    acknowledged: Option<String>,
    unanswered: Option<Option<String>>,
}

/// Writes the records of its own persons until the service is killed.
fn write_until_killed(ada: &Client, persons: &mut BTreeMap<i64, Known>, written: &AtomicUsize) {
    for round in 0.. {
        for (id, known) in persons.iter_mut() {
            let body = json!({"weight": 50 + round % 600});
            let (method, expected) = match known.acknowledged {
                None => ("POST", Some(body.to_string())),
                Some(_) if round % 7 == 6 => ("DELETE", None),
                Some(_) => ("PUT", Some(body.to_string())),
            };
            let Ok(answer) = ada.call(method, &path(*id)).json(&body).try_send() else {
                known.unanswered = Some(expected);
                return;
            };
            assert!(answer.status < 300, "{method}: {}", answer.text());
            known.acknowledged = expected;
            written.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
fn kill_9_loses_no_acknowledged_write() {
    let person = FakePerson::start();
    // A pass over the feed could cause the compaction before the first write.
    person.says_of_deletions(Response::Close);
    let dir = dir(&person);
    // In some rounds the kill interrupts a compaction.
    dir.write("store", testkit::log::overgrown(4000));
    let writer =
        |writer| (0..PERSONS_EACH).map(move |n| (10_000 + writer * PERSONS_EACH + n, Known::default()));
    let mut all: Vec<BTreeMap<i64, Known>> = (0..WRITERS).map(|n| writer(n).collect()).collect();
    for round in 0..ROUNDS {
        let mut service = dir.serve();
        let ada = service.client().with_token(&tokens::user("ada"));
        let written = AtomicUsize::new(0);
        thread::scope(|scope| {
            // If a wait fails, this kills the service, and the writers end.
            let mut service = service;
            for persons in &mut all {
                scope.spawn(|| write_until_killed(&ada, persons, &written));
            }
            eventually("enough writes", || (written.load(Ordering::SeqCst) >= ENOUGH).then_some(()));
            service.signal("KILL");
            service.ended();
        });
        let mut service = dir.serve();
        let ada = service.client().with_token(&tokens::user("ada"));
        for persons in &mut all {
            let found = state(&ada, persons.keys().copied());
            for ((id, found), known) in found.into_iter().zip(persons.values_mut()) {
                let found = found.map(|(_, text)| text);
                let kept = found == known.acknowledged || Some(&found) == known.unanswered.as_ref();
                assert!(kept, "round {round}, person {id}: {found:?}, acknowledged {:?}", known.acknowledged);
                *known = Known { acknowledged: found, unanswered: None };
            }
        }
    }
}
