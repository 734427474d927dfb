//! Compaction: the file is rewritten with the live records only once they are less than half of it. Reads and writes
//! continue meanwhile.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use testkit::{StopOnDrop, eventually};

use crate::harness::{HealthService, at_once, etag, path, text};
use crate::log;

/// So many that a compaction takes a while, and so few that they are less than half of the file.
const PERSONS: u64 = 4000;
const WRITERS: usize = 8;

/// Some of these persons.
fn ids() -> impl Iterator<Item = i64> {
    (1..=50).chain((100..=i64::try_from(PERSONS).expect("small")).step_by(100))
}

fn length(health: &HealthService) -> u64 {
    fs::metadata(health.file()).expect("the file is there").len()
}

/// Waits until the file is compacted.
fn shrinks(health: &HealthService) {
    eventually("the file shrinks", || (length(health) < 768 * 1024).then_some(()));
}

#[test]
fn compaction_loses_nothing() {
    let mut health = HealthService::on(log::overgrown(PERSONS));
    let before = health.state(ids());
    assert!(before.iter().all(|(_, known)| known.is_some()));
    assert!(length(&health) > 1024 * 1024);
    let tag = etag(&health.ada().post(&path(10_000), &json!({"weight": 70})).expect(201));
    shrinks(&health);
    assert_eq!(health.state(ids()), before);
    assert_eq!(etag(&health.ada().get(&path(10_000))), tag);
    let metrics = health.anybody().get("/metrics").text();
    assert!(metrics.contains("store_compactions_total 1\n"), "{metrics}");
    assert_eq!(health.files_named(".draft").len(), 0);

    let _ = health.ada().put(&path(10_000), &json!({"weight": 71})).expect(200);
    let _ = health.ada().delete(&path(1)).expect(204);
    let lines = log::read(&health.file());
    let snapshot = lines.iter().position(|line| line["op"] == "snapshot-end").expect("a snapshot");
    assert_eq!(lines[snapshot]["records"], snapshot - 2);
    let after = health.state(ids().chain([10_000]));
    health.restart();
    assert_eq!(health.state(ids().chain([10_000])), after);
}

#[test]
fn writes_during_a_compaction_are_kept() {
    let mut health = HealthService::on(log::overgrown(PERSONS));
    let done = AtomicBool::new(false);
    // No two writers share a person, so each knows the last acknowledged state of its persons.
    let written = at_once(WRITERS + 1, |writer| {
        if writer == WRITERS {
            let _stop = StopOnDrop(&done);
            shrinks(&health);
            return Vec::new();
        }
        let mut known: Vec<_> = ids().skip(writer).step_by(WRITERS).map(|id| (id, None)).collect();
        for round in 0.. {
            for (id, last) in &mut known {
                let method = ["PUT", "PUT", "DELETE", "POST"][round % 4];
                let answer =
                    health.ada().call(method, &path(*id)).json(&json!({"weight": 60 + round})).send();
                assert!(answer.status < 300, "{method}: {}", answer.text());
                *last = (method != "DELETE").then(|| (etag(&answer), text(&answer)));
            }
            if done.load(Ordering::SeqCst) {
                break;
            }
        }
        known
    });
    let mut expected: Vec<_> = written.into_iter().flatten().collect();
    expected.sort();
    assert_eq!(expected.len(), ids().count());
    assert_eq!(health.state(ids()), expected);
    health.restart();
    assert_eq!(health.state(ids()), expected);
    log::read(&health.file());
}

#[test]
fn live_or_small_file_is_not_compacted() {
    // Over 1 MiB, and every line is live.
    let mut live = log::empty();
    for seq in 1..14_000 {
        live.push_str(&log::put(seq, [seq, seq], i64::try_from(seq).expect("small"), 70.0));
    }
    assert!(live.len() > 1024 * 1024);
    // No line is live, but the file is small.
    let small = log::empty() + &log::put(1, [1, 1], 1, 70.0) + &log::delete(2, [2, 2], 1);
    for (content, status) in [(live, 200), (small, 404)] {
        let health = HealthService::on(&content);
        for _ in 0..20 {
            let _ = health.ada().put(&path(1), &json!({"weight": 71})).expect(status);
        }
        assert!(health.content().starts_with(content.as_bytes()), "lines were only appended");
        let metrics = health.anybody().get("/metrics").text();
        assert!(metrics.contains("store_compactions_total 0\n"), "{metrics}");
    }
}
