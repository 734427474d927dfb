//! Acknowledged means durable: what was answered with 201 outlives `kill -9`.

use std::collections::BTreeSet;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use testkit::{Client, Place, eventually, tokens};

use crate::lab::{pages, place};

const ROUNDS: usize = 5;
const WRITERS: usize = 8;
/// How many persons are to be made in a round before the service is ended.
const ENOUGH: usize = 60;

/// A person that was acknowledged.
type Known = (i64, String);

/// Makes persons until the service is gone; gives those that were acknowledged.
fn write_until_ended(ada: &Client, who: &str, made: &AtomicUsize, ended: &AtomicBool) -> Vec<Known> {
    let mut acknowledged = Vec::new();
    while !ended.load(Ordering::SeqCst) {
        let name = format!("{who}/{}", acknowledged.len());
        let answer = ada.call("POST", "/persons").json(&json!({"name": name})).try_send();
        let Ok(answer) = answer else { break };
        let id = answer.expect(201).json()["id"].as_i64().expect("an id");
        acknowledged.push((id, name));
        made.fetch_add(1, Ordering::SeqCst);
    }
    acknowledged
}

/// Serves, has many write, and ends it by this signal in their midst; gives what was acknowledged.
fn write_and_end(place: &Place, round: usize, signal: &str) -> (Vec<Known>, ExitStatus) {
    let mut service = place.serve();
    let ada = service.client().with_token(&tokens::user("ada"));
    let (made, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let (ada, made, ended) = (&ada, &made, &ended);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || write_until_ended(ada, &format!("{round}/{writer}"), made, ended))
            })
            .collect();
        eventually("enough is written", || (made.load(Ordering::SeqCst) >= ENOUGH).then_some(()));
        service.signal(signal);
        let status = service.ended();
        ended.store(true, Ordering::SeqCst);
        (writers.into_iter().flat_map(|writer| writer.join().expect("no panic")).collect(), status)
    })
}

#[test]
fn nothing_that_was_acknowledged_is_lost_by_kill_9() {
    let place = place();
    let mut known: BTreeSet<Known> = BTreeSet::new();
    for round in 0..ROUNDS {
        let (acknowledged, _) = write_and_end(&place, round, "KILL");
        assert!(acknowledged.len() >= ENOUGH);
        known.extend(acknowledged);
        let there = persons(&place);
        let lost: Vec<&Known> = known.difference(&there).collect();
        assert!(lost.is_empty(), "lost in round {round}: {lost:?}");
        // A write whose answer the kill swallowed may be there; no more of them than there were writers.
        assert!(
            there.len() <= known.len() + WRITERS * (round + 1),
            "{} there, {} known",
            there.len(),
            known.len()
        );
    }
    let ids: BTreeSet<i64> = known.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), known.len(), "an id was given twice");
}

#[test]
fn a_stop_under_load_is_clean_and_loses_nothing() {
    let place = place();
    let (acknowledged, status) = write_and_end(&place, 0, "TERM");
    assert_eq!(status.code(), Some(0));
    assert!(!place.path("store-wal").exists(), "the store was closed");
    let there = persons(&place);
    assert!(acknowledged.iter().all(|known| there.contains(known)));
}

/// Everybody who is there after a restart.
fn persons(place: &Place) -> BTreeSet<Known> {
    let mut service = place.serve();
    let admin = service.client().with_token(&tokens::admin("root"));
    let pages = pages(&admin, "/persons?limit=1000");
    let persons = pages.iter().flat_map(|page| page.json().as_array().expect("an array").clone());
    let known = |person: serde_json::Value| {
        (person["id"].as_i64().expect("an id"), person["name"].as_str().expect("a name").to_owned())
    };
    persons.map(known).collect()
}
