//! The file is written anew once less than half of it is current, while everything goes on.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use testkit::eventually;

use crate::lab::{Lab, at_once, etag, path, text};
use crate::log;

/// So many that writing them anew takes a while, and so few that they are less than half of the file.
const PERSONS: u64 = 4000;
const WRITERS: usize = 8;

/// Some of them.
fn ids() -> impl Iterator<Item = i64> {
    (1..=50).chain((100..=i64::try_from(PERSONS).expect("small")).step_by(100))
}

fn length(lab: &Lab) -> u64 {
    fs::metadata(lab.file()).expect("the file is there").len()
}

/// Waits until the file is far shorter than it was.
fn shrinks(lab: &Lab) {
    eventually("the file shrinks", || (length(lab) < 768 * 1024).then_some(()));
}

#[test]
fn a_file_that_is_mostly_past_is_written_anew_and_nothing_is_lost() {
    let mut lab = Lab::on(log::overgrown(PERSONS));
    let before = lab.state(ids());
    assert!(before.iter().all(|(_, known)| known.is_some()));
    assert!(length(&lab) > 1024 * 1024);
    let tag = etag(&lab.ada().post(&path(10_000), &json!({"weight": 70})).expect(201));
    shrinks(&lab);
    assert_eq!(lab.state(ids()), before);
    assert_eq!(etag(&lab.ada().get(&path(10_000))), tag);
    let metrics = lab.anybody().get("/metrics").text();
    assert!(metrics.contains("store_compactions_total 1\n"), "{metrics}");
    assert_eq!(lab.files_named(".draft").len(), 0);

    // Written on, and read again.
    let _ = lab.ada().put(&path(10_000), &json!({"weight": 71})).expect(200);
    let _ = lab.ada().delete(&path(1)).expect(204);
    let lines = log::read(&lab.file());
    let snapshot = lines.iter().position(|line| line["op"] == "snapshot-end").expect("a snapshot");
    assert_eq!(lines[snapshot]["records"], snapshot - 2);
    let after = lab.state(ids().chain([10_000]));
    lab.restart();
    assert_eq!(lab.state(ids().chain([10_000])), after);
}

#[test]
fn writes_during_a_compaction_are_kept_in_it() {
    let mut lab = Lab::on(log::overgrown(PERSONS));
    let done = AtomicBool::new(false);
    // Each writer has persons of its own, and knows what it was told last of each.
    let written = at_once(WRITERS + 1, |writer| {
        if writer == WRITERS {
            shrinks(&lab);
            done.store(true, Ordering::SeqCst);
            return Vec::new();
        }
        let mine: Vec<i64> = ids().skip(writer).step_by(WRITERS).collect();
        let mut known: Vec<_> = mine.iter().map(|id| (*id, None)).collect();
        for round in 0.. {
            for (id, last) in &mut known {
                if round % 5 == 4 {
                    let _ = lab.ada().delete(&path(*id)).expect(204);
                    *last = None;
                } else {
                    let call = if round % 5 == 0 && round > 0 { "POST" } else { "PUT" };
                    let answer =
                        lab.ada().call(call, &path(*id)).json(&json!({"weight": 60 + round % 100})).send();
                    *last = Some((etag(&answer), text(&answer)));
                }
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
    assert_eq!(lab.state(ids()), expected);
    lab.restart();
    assert_eq!(lab.state(ids()), expected);
    log::read(&lab.file());
}

#[test]
fn a_file_that_is_mostly_current_or_small_is_left_as_it_is() {
    // Over 1 MiB, and every line is current.
    let mut text = log::empty();
    for seq in 1.. {
        text.push_str(&log::put(seq, [seq, seq], i64::try_from(seq).expect("small"), 70.0));
        if text.len() > 1024 * 1024 {
            break;
        }
    }
    let current = Lab::on(&text);
    // All past, but small.
    let small = Lab::on([log::empty(), log::put(1, [1, 1], 1, 70.0), log::delete(2, [2, 2], 1)].concat());
    for lab in [&current, &small] {
        let before = lab.content();
        for _ in 0..20 {
            let answer = lab.ada().put(&path(1), &json!({"weight": 71}));
            assert!(answer.status == 200 || answer.status == 404);
        }
        assert!(lab.content().starts_with(&before), "it was only added to");
        let metrics = lab.anybody().get("/metrics").text();
        assert!(metrics.contains("store_compactions_total 0\n"), "{metrics}");
    }
}
