//! What a restart finds: all that was acknowledged, and nothing else.

use serde_json::json;
use testkit::Client;

use crate::lab::{Lab, etag, path, record};
use crate::log;

const IDS: [i64; 4] = [1, 2, 7, i64::MAX];

#[test]
fn after_each_kind_of_write_a_restart_gives_the_same_records_and_etags() {
    let mut lab = Lab::new();
    type Write = fn(&Client);
    let writes: &[Write] = &[
        |ada| drop(ada.post(&path(7), &record()).expect(201)),
        |ada| drop(ada.post(&path(i64::MAX), &json!({"weight": 0.2})).expect(201)),
        |ada| {
            drop(
                ada.put(&path(7), &json!({"weight": 70.123456789, "height": 110.82535215952987})).expect(200),
            )
        },
        |ada| drop(ada.patch(&path(7), &json!({"weight": null, "heart_rate": 62})).expect(200)),
        |ada| drop(ada.patch(&path(7), &json!({"heart_rate": null, "height": 175.5})).expect(200)),
        |ada| drop(ada.patch(&path(7), &json!({})).expect(200)),
        |ada| drop(ada.delete(&path(7)).expect(204)),
        |ada| {
            drop(
                ada.post(&path(7), &json!({"blood_pressure": {"systolic": 120, "diastolic": 80}}))
                    .expect(201),
            )
        },
        |ada| drop(ada.delete(&path(i64::MAX)).expect(204)),
    ];
    for write in writes {
        write(&lab.ada());
        let (before, content) = (lab.state(IDS), lab.content());
        lab.restart();
        assert_eq!(lab.state(IDS), before);
        assert_eq!(lab.content(), content, "a start writes nothing");
    }
}

#[test]
fn an_etag_is_not_used_again_after_a_restart() {
    let mut lab = Lab::new();
    let mut tags = vec![etag(&lab.ada().post(&path(7), &record()).expect(201))];
    for _ in 0..3 {
        let _ = lab.ada().delete(&path(7)).expect(204);
        lab.restart();
        tags.push(etag(&lab.ada().post(&path(7), &record()).expect(201)));
        lab.restart();
        assert_eq!(etag(&lab.ada().get(&path(7))), tags[tags.len() - 1]);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4);
}

#[test]
fn a_log_written_by_hand_from_the_documented_format_is_read() {
    let lines = [
        log::seal(r#"{"seq":9,"batch":[9,9],"op":"snapshot"}"#),
        log::seal(r#"{"seq":9,"batch":[9,9],"op":"mark","mark":0}"#),
        log::put(4, [4, 4], 1, 60.0),
        log::put(9, [9, 9], 2, 61.0),
        log::seal(r#"{"seq":9,"batch":[9,9],"op":"snapshot-end","records":2}"#),
        log::put(10, [10, 12], 2, 62.0),
        log::delete(11, [10, 12], 1),
        log::put(12, [10, 12], 7, 63.0),
    ];
    let lab = Lab::on(lines.concat());
    let known =
        |version: u64, weight: u64| Some((format!("\"{version}\""), format!("{{\"weight\":{weight}}}")));
    assert_eq!(lab.state([1, 2, 7]), [(1, None), (2, known(10, 62)), (7, known(12, 63))]);
    let _ = lab.ada().put(&path(7), &record()).expect(200);
    assert_eq!(log::read(&lab.file()).len(), 9);
}

#[test]
fn a_draft_that_a_crash_left_is_removed() {
    let mut lab = Lab::new();
    let _ = lab.ada().post(&path(7), &record()).expect(201);
    let before = lab.state(IDS);
    lab.stop();
    let draft = lab.file().with_extension("jsonl.draft");
    std::fs::write(&draft, log::empty()).expect("the folder is ours");
    lab.start().expect("the service starts");
    assert!(!draft.exists());
    assert_eq!(lab.state(IDS), before);
}

#[test]
fn a_number_of_all_the_digits_there_are_is_kept_to_the_last() {
    let mut lab = Lab::new();
    let body = r#"{"height":110.82535215952987}"#;
    let post = lab.ada().call("POST", &path(7)).header("Content-Type", "application/json").body(body);
    assert_eq!(post.send().expect(201).text().trim_end(), body);
    lab.restart();
    assert_eq!(lab.ada().get(&path(7)).expect(200).text().trim_end(), body);
}
