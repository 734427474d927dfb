//! Damage is not a torn write: these lines were acknowledged. The service refuses to start, names the line, and
//! leaves the file alone. The file is changed here in a few chosen places, by `checks/faults` at random.

use crate::harness::HealthService;
use crate::log;

/// The lines of a file: a snapshot with two records, three batches of one line, and a batch of three.
fn lines() -> Vec<String> {
    vec![
        log::checksummed(r#"{"seq":4,"batch":[4,4],"op":"snapshot"}"#),
        log::checksummed(r#"{"seq":4,"batch":[4,4],"op":"mark","mark":3}"#),
        log::put(2, [2, 2], 1, 60.0),
        log::put(4, [4, 4], 2, 61.5),
        log::checksummed(r#"{"seq":4,"batch":[4,4],"op":"snapshot-end","records":2}"#),
        log::put(5, [5, 5], 3, 62.0),
        log::delete(6, [6, 6], 1),
        log::put(7, [7, 9], 4, 63.0),
        log::checksummed(r#"{"seq":8,"batch":[7,9],"op":"mark","mark":12}"#),
        log::put(9, [7, 9], 3, 64.0),
    ]
}

/// The number of lines in the snapshot.
const SNAPSHOT: usize = 5;

/// Returns a stopped service on a valid file.
fn stopped() -> HealthService {
    let mut health = HealthService::on(lines().concat());
    health.stop();
    health
}

/// Checks that the service refuses to start on this content, names this line, and changes nothing.
#[track_caller]
fn refused(health: &mut HealthService, content: impl AsRef<[u8]>, line: usize, what: &str) {
    health.overwrite(&content);
    let refusal = health.start().expect_err(what);
    let message = format!("{} is damaged in line {line}; nothing was changed", health.file().display());
    assert!(refusal.starts_with(&message), "{what}: {refusal}");
    assert_eq!(health.content(), content.as_ref(), "{what}");
    assert_eq!(health.files_named(".broken-").len(), 0, "{what}");
}

#[test]
fn flipped_bit_is_found_in_every_line() {
    let mut health = stopped();
    let whole = lines().concat().into_bytes();
    let mut flip = |at: usize, bit: u8, line| {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << bit;
        refused(&mut health, flipped, line, &format!("bit {bit} of byte {at}"));
    };
    let starts = log::beginnings(&whole);
    for (line, start) in starts.windows(2).enumerate() {
        flip(start[0] + 7, 0, line + 1);
        flip(start[1] - 3, 1, line + 1);
        flip(start[1] - 1, 2, line + 1);
    }
    // Nothing follows the last line feed, so nothing else could reveal its damage.
    (0..8).for_each(|bit| flip(whole.len() - 1, bit, lines().len()));
}

#[test]
fn lines_removed_repeated_or_swapped_are_found() {
    let mut health = stopped();
    for at in 0..lines().len() {
        let mut repeated = lines();
        repeated.insert(at, repeated[at].clone());
        refused(&mut health, repeated.concat(), at + 2, &format!("line {} repeated", at + 1));
        // A file without its last line is an older file, or torn.
        if at + 1 == lines().len() {
            continue;
        }
        let mut removed = lines();
        removed.remove(at);
        let in_snapshot = (2..SNAPSHOT - 1).contains(&at);
        let line = if in_snapshot { SNAPSHOT - 1 } else { at + 1 };
        refused(&mut health, removed.concat(), line, &format!("line {} removed", at + 1));
        // The records of a snapshot have no order.
        if at != 2 {
            let mut swapped = lines();
            swapped.swap(at, at + 1);
            refused(
                &mut health,
                swapped.concat(),
                at + 1,
                &format!("lines {} and {} swapped", at + 1, at + 2),
            );
        }
    }
}

#[test]
fn damage_before_the_last_batch_is_not_a_torn_write() {
    let mut health = stopped();
    let lines = lines();
    let start = lines[..SNAPSHOT].concat().len();
    for following in 1..lines.len() - SNAPSHOT {
        let mut hole = lines[..=SNAPSHOT + following].concat().into_bytes();
        hole[start + 10..start + 30].fill(0);
        refused(&mut health, hole, SNAPSHOT + 1, &format!("a hole, then {following} lines"));
    }
    let mut hole = lines.concat().into_bytes();
    hole[start + 4..start + 20].fill(0);
    refused(&mut health, &hole[..hole.len() - 9], SNAPSHOT + 1, "a hole, and a torn end");
    let mut flipped = lines.concat().into_bytes();
    flipped[start + lines[SNAPSHOT].len() + 8] ^= 1;
    refused(&mut health, &flipped[..flipped.len() - 9], SNAPSHOT + 2, "a flipped bit, and a torn end");
}

#[test]
fn incomplete_snapshot_is_refused() {
    let mut health = stopped();
    let whole = lines().concat().into_bytes();
    let starts = log::beginnings(&whole);
    for (line, start) in starts[..SNAPSHOT].iter().enumerate() {
        for length in [*start, start + 1, starts[line + 1] - 1] {
            refused(&mut health, &whole[..length], line + 1, &format!("{length} bytes"));
        }
    }
}

#[test]
fn lines_the_service_never_writes_are_refused() {
    let mut health = stopped();
    for line in [
        log::put(1, [1, 1], 0, 60.0),
        log::put(1, [1, 1], -7, 60.0),
        log::put(2, [2, 2], 7, 60.0),
        log::put(1, [1, 0], 7, 60.0),
        log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"snapshot"}"#),
        log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"unknown","id":7}"#),
        log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"put","id":7}"#),
        log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"put","id":7,"record":{"poids":70}}"#),
        log::checksummed(r#"{"seq":1,"batch":[1,1],"op":"delete"}"#),
        "not a line of ours\n".to_owned(),
        "\n".to_owned(),
    ] {
        refused(&mut health, log::empty() + &line, 4, &line);
    }
}
