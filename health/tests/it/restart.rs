//! After a restart the service has everything that it acknowledged, and nothing else.

use serde_json::json;
use testkit::Client;

use crate::harness::{HealthService, etag, path, record};
use crate::log;

const IDS: [i64; 4] = [1, 2, 7, i64::MAX];

#[test]
fn restart_gives_the_same_records_and_etags() {
    let mut health = HealthService::new();
    let call = |ada: &Client, method: &str, id: i64, body| ada.call(method, &path(id)).json(&body).send();
    for (method, id, body) in [
        ("POST", 7, record()),
        ("POST", i64::MAX, json!({"weight": 0.2})),
        ("PUT", 7, json!({"weight": 70.123456789, "height": 110.82535215952987})),
        ("PATCH", 7, json!({"weight": null, "heart_rate": 62})),
        ("PATCH", 7, json!({"heart_rate": null, "height": 175.5})),
        ("PATCH", 7, json!({})),
        ("DELETE", 7, json!({})),
        ("POST", 7, json!({"blood_pressure": {"systolic": 120, "diastolic": 80}})),
        ("DELETE", i64::MAX, json!({})),
    ] {
        assert!(call(&health.ada(), method, id, body).status < 300, "{method}");
        let (before, content) = (health.state(IDS), health.content());
        health.restart();
        assert_eq!(health.state(IDS), before, "{method}");
        assert_eq!(health.content(), content, "{method}: a start writes nothing");
    }
}

#[test]
fn etag_is_not_reused_after_a_restart() {
    let mut health = HealthService::new();
    let mut tags = vec![etag(&health.ada().post(&path(7), &record()).expect(201))];
    for _ in 0..3 {
        let _ = health.ada().delete(&path(7)).expect(204);
        health.restart();
        tags.push(etag(&health.ada().post(&path(7), &record()).expect(201)));
        health.restart();
        assert_eq!(etag(&health.ada().get(&path(7))), tags[tags.len() - 1]);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
}

#[test]
fn log_written_by_hand_is_read() {
    let lines = [
        log::checksummed(r#"{"seq":9,"batch":[9,9],"op":"snapshot"}"#),
        log::checksummed(r#"{"seq":9,"batch":[9,9],"op":"mark","mark":0}"#),
        log::put(4, [4, 4], 1, 60.0),
        log::put(9, [9, 9], 2, 61.0),
        log::checksummed(r#"{"seq":9,"batch":[9,9],"op":"snapshot-end","records":2}"#),
        log::put(10, [10, 12], 2, 62.0),
        log::delete(11, [10, 12], 1),
        log::put(12, [10, 12], 7, 63.0),
    ];
    let health = HealthService::on(lines.concat());
    let known =
        |version: u64, weight: u64| Some((format!("\"{version}\""), format!("{{\"weight\":{weight}}}")));
    assert_eq!(health.state([1, 2, 7]), [(1, None), (2, known(10, 62)), (7, known(12, 63))]);
    let _ = health.ada().put(&path(7), &record()).expect(200);
    assert_eq!(log::read(&health.file()).len(), 9);
}

#[test]
fn temporary_file_of_a_crash_is_removed() {
    let mut health = HealthService::on_file();
    let _ = health.ada().post(&path(7), &record()).expect(201);
    let before = health.state(IDS);
    health.stop();
    let draft = health.file().with_extension("jsonl.draft");
    std::fs::write(&draft, log::empty()).expect("the folder is ours");
    health.start().expect("the service starts");
    assert!(!draft.exists());
    assert_eq!(health.state(IDS), before);
}
