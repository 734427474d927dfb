//! What neither a crash nor a worn disk does, but an editor, a bad copy or another program.

use faults::{Dice, scaled};

use super::subject::{Came, Damaging, Log};

/// The snapshot of a log that began without records: its head, the mark and its end.
const SNAPSHOT: usize = 3;

fn lines() -> Vec<&'static [u8]> {
    Log::written().bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

#[test]
fn lines_twice_lost_or_in_another_order_are_found() {
    let (damaging, mut dice) = (Damaging::new(), Dice::thrown("lines"));
    let count = lines().len();
    // The last one lost is a torn batch, see `cuts`.
    for at in dice.sample(0..count - 1, scaled(8)) {
        let mut twice = lines();
        twice.insert(at, twice[at]);
        damaging.expect(&twice.concat(), Came::Refused { line: at + 2 }, &format!("line {} twice", at + 1));
        let mut lost = lines();
        lost.remove(at);
        damaging.expect(&lost.concat(), Came::Refused { line: at + 1 }, &format!("line {} lost", at + 1));
        let mut swapped = lines();
        swapped.swap(at, at + 1);
        let expected = Came::Refused { line: at + 1 };
        damaging.expect(&swapped.concat(), expected, &format!("lines {} and {} swapped", at + 1, at + 2));
    }
    damaging.judge("lines of health's log twice, lost or swapped");
}

#[test]
fn a_snapshot_that_is_not_whole_is_refused() {
    let damaging = Damaging::new();
    for whole in 0..SNAPSHOT {
        // All of the batches behind it, or none.
        for rest in [SNAPSHOT, lines().len()] {
            let log = [&lines()[..whole], &lines()[rest..]].concat().concat();
            damaging.expect(&log, Came::Refused { line: whole + 1 }, &format!("{whole} lines of it"));
        }
    }
    damaging.judge("health's log with a part of its snapshot");
}

#[test]
fn garbage_behind_a_log_is_no_part_of_it() {
    let (log, damaging, mut dice) = (Log::written(), Damaging::new(), Dice::thrown("garbage"));
    for _ in 0..scaled(5) {
        let length = dice.number(1..2000);
        // Neither a line feed nor a NUL, which would look like a hole.
        let garbage: Vec<u8> = (0..length).map(|_| dice.number(11..256) as u8).collect();
        let unended = [&log.bytes[..], &garbage].concat();
        // No line that anybody was told of: what a write cut short looks like.
        damaging.expect(&unended, log.started_within(log.bytes.len(), &unended), "not ended");
        let ended = [&unended[..], b"\n"].concat();
        damaging.expect(&ended, Came::Refused { line: lines().len() + 1 }, "ended");
    }
    damaging.judge("garbage behind health's log");
}
