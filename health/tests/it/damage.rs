//! Damage is not a torn write: somebody was told that this is stored. The service does not start, says which
//! line it is, and leaves the file alone.

use crate::lab::Lab;
use crate::log;

/// A snapshot with records, single lines, and a batch of three.
fn lines() -> Vec<String> {
    vec![
        log::seal(r#"{"seq":4,"batch":[4,4],"op":"snapshot"}"#),
        log::seal(r#"{"seq":4,"batch":[4,4],"op":"mark","mark":3}"#),
        log::put(2, [2, 2], 1, 60.0),
        log::put(4, [4, 4], 2, 61.5),
        log::seal(r#"{"seq":4,"batch":[4,4],"op":"snapshot-end","records":2}"#),
        log::put(5, [5, 5], 3, 62.0),
        log::delete(6, [6, 6], 1),
        log::put(7, [7, 9], 4, 63.0),
        log::seal(r#"{"seq":8,"batch":[7,9],"op":"mark","mark":12}"#),
        log::put(9, [7, 9], 3, 64.0),
    ]
}

/// Where the snapshot ends: its lines before it.
const SNAPSHOT: usize = 5;

/// A stopped service whose file would do.
fn stopped() -> Lab {
    let mut lab = Lab::on(lines().concat());
    lab.stop();
    lab
}

/// Checks that this content is refused for this line and stays as it is.
#[track_caller]
fn refused(lab: &mut Lab, content: &[u8], line: usize, what: &str) {
    lab.overwrite(content);
    let refusal = lab.start().expect_err(what);
    let sentence = format!("{} is damaged in line {line}; nothing was changed", lab.file().display());
    assert!(refusal.starts_with(&sentence), "{what}: {refusal}");
    assert_eq!(lab.content(), content, "{what}");
    assert_eq!(lab.files_named(".broken-").len(), 0, "{what}");
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let mut lab = stopped();
    let whole = lines().concat().into_bytes();
    // Of each byte another bit: all eight are had, in every line.
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        let line = whole[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        refused(&mut lab, &flipped, line, &format!("byte {at}"));
    }
    // Every bit of the last line feed: nothing follows that could tell.
    for bit in 0..8 {
        let mut flipped = whole.clone();
        *flipped.last_mut().expect("a byte") ^= 1 << bit;
        refused(&mut lab, &flipped, 10, &format!("bit {bit} of the last byte"));
    }
}

#[test]
fn a_line_removed_is_found() {
    let mut lab = stopped();
    // The last lines of a file are its end: without them it is an older file, or a torn one.
    for removed in 0..lines().len() - 1 {
        let mut lines = lines();
        lines.remove(removed);
        let found = if (2..SNAPSHOT - 1).contains(&removed) { SNAPSHOT - 1 } else { removed + 1 };
        refused(&mut lab, lines.concat().as_bytes(), found, &format!("line {} removed", removed + 1));
    }
}

#[test]
fn a_line_twice_is_found() {
    let mut lab = stopped();
    for twice in 0..lines().len() {
        let mut lines = lines();
        lines.insert(twice, lines[twice].clone());
        refused(&mut lab, lines.concat().as_bytes(), twice + 2, &format!("line {} twice", twice + 1));
    }
}

#[test]
fn lines_swapped_are_found() {
    let mut lab = stopped();
    for first in 0..lines().len() - 1 {
        let mut lines = lines();
        lines.swap(first, first + 1);
        if first == 2 {
            // The records of a snapshot have no order.
            lab.overwrite(lines.concat());
            lab.start().expect("the service starts");
            lab.stop();
            continue;
        }
        refused(
            &mut lab,
            lines.concat().as_bytes(),
            first + 1,
            &format!("lines {} and {}", first + 1, first + 2),
        );
    }
}

#[test]
fn a_hole_with_a_later_batch_behind_it_is_damage() {
    let mut lab = stopped();
    let lines = lines();
    // One batch behind it, two, and one of three lines.
    for behind in 1..=lines.len() - SNAPSHOT - 1 {
        let mut content = lines[..=SNAPSHOT + behind].concat().into_bytes();
        let start = lines[..SNAPSHOT].concat().len();
        content[start + 10..start + 30].fill(0);
        refused(&mut lab, &content, SNAPSHOT + 1, &format!("{behind} lines behind the hole"));
    }
}

#[test]
fn a_snapshot_that_is_not_whole_is_refused() {
    let mut lab = stopped();
    let whole = lines().concat().into_bytes();
    let beginnings = log::beginnings(&whole);
    for length in 0..beginnings[SNAPSHOT] {
        let line = beginnings.iter().filter(|begin| **begin <= length).count();
        refused(&mut lab, &whole[..length], line, &format!("{length} bytes"));
    }
}

#[test]
fn what_the_service_never_writes_is_refused_though_its_crc_is_right() {
    let mut lab = stopped();
    let start = log::empty();
    for line in [
        log::put(1, [1, 1], 0, 60.0),
        log::put(1, [1, 1], -7, 60.0),
        log::put(2, [2, 2], 7, 60.0),
        log::put(1, [1, 0], 7, 60.0),
        log::seal(r#"{"seq":1,"batch":[1,1],"op":"snapshot"}"#),
        log::seal(r#"{"seq":1,"batch":[1,1],"op":"unknown","id":7}"#),
        log::seal(r#"{"seq":1,"batch":[1,1],"op":"put","id":7}"#),
        log::seal(r#"{"seq":1,"batch":[1,1],"op":"put","id":7,"record":{"poids":70}}"#),
        log::seal(r#"{"seq":1,"batch":[1,1],"op":"delete"}"#),
        "not a line of ours\n".to_owned(),
        "\n".to_owned(),
    ] {
        refused(&mut lab, [&start[..], &line].concat().as_bytes(), 4, &line);
    }
}

#[test]
fn damage_before_the_last_batch_is_not_taken_for_a_torn_write() {
    let mut lab = stopped();
    let whole = lines().concat().into_bytes();
    let begin = log::beginnings(&whole);
    // A hole in the first line after the snapshot; three more lines were acknowledged after it.
    let mut hollow = whole.clone();
    hollow[begin[5] + 4..begin[5] + 20].fill(0);
    refused(&mut lab, &hollow, 6, "a hole");
    // The same, and the last batch is torn as well: it is still damage.
    refused(&mut lab, &hollow[..hollow.len() - 9], 6, "a hole, and a torn end");
    let mut flipped = whole.clone();
    flipped[begin[6] + 8] ^= 1;
    refused(&mut lab, &flipped[..flipped.len() - 9], 7, "a flipped bit, and a torn end");
}
