//! Acknowledged means durable: what was answered with 2xx outlives `kill -9`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use testkit::{Client, FakePerson, Say, eventually, tokens};

use crate::lab::{path, place, state};
use crate::log;

const ROUNDS: usize = 5;
const WRITERS: i64 = 8;
const PERSONS_EACH: i64 = 5;
/// How many writes are to be acknowledged in a round before the service is killed.
const ENOUGH: usize = 150;

/// What a person's record may be: as it was acknowledged last, or as an unanswered write would have it.
#[derive(Default, Clone)]
struct Known {
    acknowledged: Option<String>,
    unanswered: Option<Option<String>>,
}

/// Writes to persons of its own until the service is gone.
fn write_until_killed(ada: &Client, mine: &mut BTreeMap<i64, Known>, made: &AtomicUsize) {
    for round in 0.. {
        for (id, known) in mine.iter_mut() {
            let body = json!({"weight": 50 + round % 600});
            let (method, will_be) = match known.acknowledged {
                None => ("POST", Some(body.to_string())),
                Some(_) if round % 7 == 6 => ("DELETE", None),
                Some(_) => ("PUT", Some(body.to_string())),
            };
            let Ok(answer) = ada.call(method, &path(*id)).json(&body).try_send() else {
                known.unanswered = Some(will_be);
                return;
            };
            assert!(answer.status < 300, "{method}: {}", answer.text());
            known.acknowledged = will_be;
            made.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
fn nothing_that_was_acknowledged_is_lost_by_kill_9() {
    let person = FakePerson::start();
    // Else a pass over the deletions may have it compacted before anybody writes.
    person.says_of_deletions(Say::Close);
    let place = place(&person);
    // In some rounds the kill meets a compaction.
    place.write("store", log::overgrown(4000));
    let mut all: Vec<BTreeMap<i64, Known>> = (0..WRITERS)
        .map(|writer| {
            (0..PERSONS_EACH).map(|n| (10_000 + writer * PERSONS_EACH + n, Known::default())).collect()
        })
        .collect();
    for round in 0..ROUNDS {
        let mut service = place.serve();
        let ada = service.client().with_token(&tokens::user("ada"));
        let made = AtomicUsize::new(0);
        thread::scope(|scope| {
            for mine in &mut all {
                scope.spawn(|| write_until_killed(&ada, mine, &made));
            }
            eventually("enough is written", || (made.load(Ordering::SeqCst) >= ENOUGH).then_some(()));
            service.signal("KILL");
            service.ended();
        });
        let mut service = place.serve();
        let ada = service.client().with_token(&tokens::user("ada"));
        let mut lost = Vec::new();
        for mine in &mut all {
            let found = state(&ada, mine.keys().copied());
            for ((id, found), known) in found.into_iter().zip(mine.values_mut()) {
                let found = found.map(|(_, text)| text);
                if found != known.acknowledged && Some(&found) != known.unanswered.as_ref() {
                    lost.push((id, found.clone(), known.acknowledged.clone()));
                }
                *known = Known { acknowledged: found, unanswered: None };
            }
        }
        assert!(
            lost.is_empty(),
            "in round {round}, the person, what is there, what was acknowledged: {lost:?}"
        );
    }
}
