//! A crash in the middle of a write leaves a part of the last batch: it is set aside, and nothing else is lost.

use std::fs;

use crate::lab::{Lab, State, path, record};
use crate::log;

const IDS: [i64; 3] = [1, 2, 3];

/// Puts `torn` in the file's place; checks that a start gives `expected`, that the file is `kept` then, that
/// what was cut off stands beside it, and that the file works on.
#[track_caller]
fn recovers(lab: &mut Lab, torn: &[u8], kept: &[u8], expected: &State) {
    lab.overwrite(torn);
    lab.start().expect("the service starts");
    assert_eq!(lab.state(IDS), *expected);
    assert_eq!(lab.content(), kept);
    let aside = lab.files_named(".broken-");
    let cut = &torn[kept.len()..];
    assert_eq!(aside.len(), usize::from(!cut.is_empty()), "{aside:?}");
    for file in aside {
        assert_eq!(fs::read(&file).expect("it is there"), cut);
        fs::remove_file(file).expect("the folder is ours");
    }
    let _ = lab.ada().post(&path(9), &record()).expect(201);
    log::read(&lab.file());
    let with_more = lab.state(IDS.into_iter().chain([9]));
    lab.restart();
    assert_eq!(lab.state(IDS.into_iter().chain([9])), with_more);
    assert_eq!(lab.files_named(".broken-"), Vec::<std::path::PathBuf>::new());
    lab.stop();
}

/// Two persons' records, and then a batch of the given lines; a stopped service on the first part.
fn before(batch: &[String]) -> (Lab, Vec<u8>, Vec<u8>, State) {
    let kept =
        [log::empty(), log::put(1, [1, 1], 1, 60.0), log::put(2, [2, 2], 2, 61.0)].concat().into_bytes();
    let mut lab = Lab::on(&kept);
    let state = lab.state(IDS);
    lab.stop();
    let whole = [&kept[..], batch.concat().as_bytes()].concat();
    (lab, kept, whole, state)
}

fn batch_of_three() -> [String; 3] {
    [log::put(3, [3, 5], 3, 70.0), log::delete(4, [3, 5], 1), log::put(5, [3, 5], 2, 71.0)]
}

#[test]
fn a_line_cut_at_any_byte_is_set_aside() {
    let (mut lab, kept, whole, state) = before(&[log::put(3, [3, 3], 1, 99.0)]);
    for length in kept.len()..whole.len() {
        recovers(&mut lab, &whole[..length], &kept, &state);
    }
}

#[test]
fn a_batch_of_several_lines_counts_as_a_whole_or_not_at_all() {
    let (mut lab, kept, whole, state) = before(&batch_of_three());
    let beginnings = log::beginnings(&whole);
    let around = |begin: &usize| [begin - 1, *begin, begin + 1, begin + 20];
    let cuts = beginnings[beginnings.len() - 3..].iter().flat_map(around);
    for length in cuts.filter(|length| (kept.len()..whole.len()).contains(length)) {
        recovers(&mut lab, &whole[..length], &kept, &state);
    }
    lab.overwrite(&whole);
    lab.start().expect("the service starts");
    let weights: Vec<_> = lab.state(IDS).into_iter().map(|(_, known)| known.map(|(_, text)| text)).collect();
    assert_eq!(weights, [None, Some("{\"weight\":71}".to_owned()), Some("{\"weight\":70}".to_owned())]);
}

#[test]
fn holes_where_pages_did_not_reach_the_disk_are_torn_too() {
    let (mut lab, kept, whole, state) = before(&batch_of_three());
    let line = log::beginnings(&whole)[5..].to_vec();
    for (what, hole) in [
        ("all of it", kept.len()..whole.len()),
        ("its start", kept.len()..kept.len() + 10),
        ("in the first line", kept.len() + 10..kept.len() + 30),
        ("over the end of the first line", line[1] - 5..line[1] + 5),
        ("the second line", line[1]..line[2]),
        ("in the second line", line[1] + 3..line[1] + 4),
        ("the last line feed", whole.len() - 1..whole.len()),
        ("in the last line", line[2] + 5..line[2] + 40),
    ] {
        let mut torn = whole.clone();
        torn[hole].fill(0);
        println!("a hole: {what}");
        recovers(&mut lab, &torn, &kept, &state);
    }
    println!("a file that grew and was never filled");
    recovers(&mut lab, &[&kept[..], &[0; 500]].concat(), &kept, &state);
}

#[test]
fn what_is_set_aside_is_told_in_the_log() {
    let (lab, kept, whole, _) = before(&batch_of_three());
    let place = crate::lab::place(&lab.person);
    place.write("store", &whole[..whole.len() - 1]);
    let mut service = place.serve();
    let logs = service.shows("the warning", |service| {
        let logs = service.logs();
        logs.contains("\"ready\"").then_some(logs)
    });
    let warning = logs.lines().find(|line| line.contains(".broken-")).expect("a warning");
    let warning: serde_json::Value = serde_json::from_str(warning).expect("JSON");
    assert_eq!(warning["level"], "WARN");
    assert_eq!(warning["line"], 6);
    assert_eq!(warning["bytes"], whole.len() - 1 - kept.len());
}
