//! `kill -9` while health compacts its log. The log has its old content or the new one, and each has the writes that were
//! acknowledged meanwhile.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use faults::services::ada;
use faults::{Random, Store, scaled};
use serde_json::Value;
use testkit::{Binary, PATIENCE, TestDir, log};

use super::kills::Tally;

/// Enough that compaction takes a while, and few enough that they are less than half of the log.
const PERSONS: usize = 5000;
/// The number of the first item to write, above the ids in the log.
const FIRST: usize = 10_000;
/// Every 50th record of the log is compared.
const SAMPLED: usize = 50;
/// The log is over 1 MiB before a compaction, and less than half of that after it.
const COMPACT: u64 = 768 * 1024;
/// About the time from the first byte of the temporary file to the rename in a debug build.
const AT_MOST_MS: usize = 150;

#[test]
fn a_kill_during_compaction_loses_nothing() {
    let mut random = Random::seeded("compaction");
    let (mut tally, mut before, mut after) = (Tally::default(), 0, 0);
    let store = Store::of("health");
    let dir = &store.dir;
    let overgrown = log::overgrown(PERSONS as u64);
    let last = overgrown.lines().skip(3).map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let records: BTreeMap<_, _> =
        last.map(|line| (line["id"].to_string(), line["record"].to_string())).collect();
    for _ in 0..scaled(10) {
        dir.write("store", &overgrown);
        tally = tally.on_new_store(FIRST);
        tally.write_until_killed(&store, dir.serve(), |service, _| {
            await_moment(dir, &mut random);
            drop(service);
        });
        *(if is_compact(dir) { &mut after } else { &mut before }) += 1;

        let mut service = dir.serve();
        let added = tally.check(&store, &mut service, &mut random);
        assert_eq!(records_read(&service), PERSONS + added);
        let ada = ada(&mut service);
        for (id, record) in records.iter().step_by(SAMPLED) {
            assert_eq!(ada.get(&format!("/health/{id}")).expect(200).text().trim_end(), record);
        }
        assert!(!dir.path("store.draft").exists(), "a temporary file is left");
    }
    assert!(before > 0 && after > 0, "{before} kills before the rename, {after} after it");
    tally.report(&format!(
        "`kill -9` during compaction of health's log ({before} before the rename, {after} after it)"
    ));
}

/// Waits until the compaction has begun, and then not at all, for a random delay, or until the compaction is done.
fn await_moment(dir: &TestDir, random: &mut Random) {
    await_quickly(|| dir.path("store.draft").exists() || is_compact(dir));
    match random.number(0..3) {
        0 => {}
        1 => thread::sleep(random.duration(AT_MOST_MS)),
        _ => {
            await_quickly(|| is_compact(dir));
            thread::sleep(random.duration(2));
        }
    }
}

/// Polls a condition a hundred times as often as `testkit::eventually`.
fn await_quickly(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "the log is never compacted");
        thread::sleep(Duration::from_micros(50));
    }
}

fn is_compact(dir: &TestDir) -> bool {
    dir.path("store").metadata().expect("the log is there").len() < COMPACT
}

/// Returns how many records a service has read at its start, by its log.
fn records_read(service: &Binary) -> usize {
    let logs = service.logs();
    let line = logs.lines().find(|line| line.contains("read the log")).expect("the line about the log");
    let line: Value = serde_json::from_str(line).expect("JSON");
    line["records"].as_u64().expect("a number") as usize
}
