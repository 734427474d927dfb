//! Erased means gone: no byte of a deleted record stays in the service's own files.

use std::fs;
use std::time::Duration;

use serde_json::json;
use testkit::{Client, eventually};

use crate::harness::{HealthService, path};
use crate::log;

/// So short that no test waits for it, and so long that a record can be seen in the file first.
const SOON: Duration = Duration::from_millis(300);
/// A weight that occurs nowhere else in a file.
const WEIGHT: &str = "123.4375";

fn add(client: &Client, id: i64) {
    let _ = client.post(&path(id), &json!({"weight": WEIGHT.parse::<f64>().expect("a number")})).expect(201);
}

/// Returns whether any file in the folder of the log has the weight.
fn is_somewhere(health: &HealthService) -> bool {
    let files = health.files_named("").into_iter().filter(|file| file.is_file());
    files
        .filter_map(|file| fs::read(file).ok())
        .any(|bytes| bytes.windows(WEIGHT.len()).any(|window| window == WEIGHT.as_bytes()))
}

#[track_caller]
fn leaves_every_file(health: &HealthService) {
    eventually("the weight has left every file", || (!is_somewhere(health)).then_some(()));
    log::read(&health.file());
}

#[test]
fn deleted_record_leaves_the_file() {
    let health = HealthService::erasing_after(SOON);
    let kept = json!({"weight": 70});
    let _ = health.ada().post(&path(1), &kept).expect(201);
    add(&health.ada(), 2);
    assert!(is_somewhere(&health));
    let _ = health.ada().delete(&path(2)).expect(204);
    leaves_every_file(&health);
    assert_eq!(health.ada().get(&path(1)).expect(200).json(), kept);
    let metrics = health.anybody().get("/metrics").text();
    assert!(metrics.contains("store_compactions_total 1\n"), "{metrics}");
}

#[test]
fn purged_record_leaves_the_file() {
    let health = HealthService::erasing_after(SOON);
    add(&health.ada(), 2);
    assert!(is_somewhere(&health));
    health.person.deletes(1, 2);
    leaves_every_file(&health);
}

#[test]
fn record_deleted_before_a_restart_leaves_the_file() {
    let mut health = HealthService::on_file();
    add(&health.ada(), 2);
    let _ = health.ada().delete(&path(2)).expect(204);
    assert!(is_somewhere(&health));
    health.restart_erasing_after(SOON);
    leaves_every_file(&health);
}

#[test]
fn record_deleted_during_a_compaction_leaves_the_file() {
    // So many records that the compaction takes far longer than two requests.
    let health = HealthService::erasing_on(log::overgrown(4000), Duration::ZERO);
    let _ = health.ada().put(&path(1), &json!({"weight": 71})).expect(200);
    eventually("a compaction has begun", || health.files_named(".draft").pop());
    add(&health.ada(), 5000);
    let _ = health.ada().delete(&path(5000)).expect(204);
    leaves_every_file(&health);
}
