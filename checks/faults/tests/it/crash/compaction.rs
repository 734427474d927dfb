//! `kill -9` while health writes its log anew: the log has its old content or the new one, and what was acknowledged
//! meanwhile is in either.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use faults::{Dice, scaled};
use testkit::{Binary, PATIENCE, Place, log};

use super::known::{Known, Tally};
use super::storm::{Subject, write_until_killed};
use super::subjects::HealthSubject;

/// So many that writing them anew takes a while, and so few that they are less than half of the log.
const PERSONS: u64 = 5000;
/// Of these every so many-th is looked at.
const SAMPLED: usize = 50;
/// The log is over 1 MiB before it is written anew, and less than half of that after.
const COMPACT: u64 = 768 * 1024;
/// From the first byte of the draft to the rename takes about so long in a debug build.
const AT_MOST_MS: usize = 150;

#[test]
fn nothing_is_lost_by_a_kill_while_the_log_is_written_anew() {
    let mut dice = Dice::thrown("compaction");
    let (mut tally, mut before, mut after) = (Tally::default(), 0, 0);
    let subject = HealthSubject::new();
    let place = subject.place();
    for round in 0..scaled(10) {
        place.write("store", overgrown());
        let mut known = sample_of_overgrown();
        let writers = subject.writers(round, &known);
        write_until_killed(place.serve(), writers, &mut known, &mut tally, |service, _| {
            some_moment_of_it(place, &mut dice);
            drop(service);
        });
        before += usize::from(!is_compact(place));
        after += usize::from(is_compact(place));

        let mut service = place.serve();
        let found = subject.read(&mut service, &known);
        // Those that are not looked at are counted.
        let sampled = PERSONS as usize / SAMPLED;
        assert_eq!(records(&service), PERSONS as usize + found.len() - sampled);
        assert!(!place.path("store.draft").exists(), "a draft is left");
        known.compare(&found, &mut tally);
    }
    assert!(before > 0 && after > 0, "{before} kills before the rename, {after} after it");
    tally.judge(&format!(
        "`kill -9` while health's log is written anew ({before} before the rename, {after} after)"
    ));
}

fn overgrown() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| log::overgrown(PERSONS))
}

/// Some of the records of that log, as its lines put them last.
fn sample_of_overgrown() -> Known {
    let mut known = Known::default();
    for line in overgrown().lines().skip(3) {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let id = line["id"].as_u64().expect("an id");
        if (id as usize).is_multiple_of(SAMPLED) {
            known.acknowledge(&id.to_string(), Some(line["record"].to_string()));
        }
    }
    known
}

/// Waits until the log is being written anew, and then for nothing, for a while, or for the end of it.
fn some_moment_of_it(place: &Place, dice: &mut Dice) {
    eventually_soon(|| place.path("store.draft").exists() || is_compact(place));
    match dice.number(0..3) {
        0 => {}
        1 => thread::sleep(dice.moment(AT_MOST_MS)),
        _ => {
            eventually_soon(|| is_compact(place));
            thread::sleep(dice.moment(2));
        }
    }
}

/// Like `testkit::eventually`, and so often that what is waited for has hardly begun.
fn eventually_soon(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "the log is never written anew");
        thread::sleep(Duration::from_micros(50));
    }
}

fn is_compact(place: &Place) -> bool {
    place.path("store").metadata().expect("the log is there").len() < COMPACT
}

/// How many records a service read when it started.
fn records(service: &Binary) -> usize {
    let logs = service.logs();
    let line = logs.lines().find(|line| line.contains("read the log")).expect("it says so");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    line["records"].as_u64().expect("a number") as usize
}
