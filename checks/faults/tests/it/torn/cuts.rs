//! A log that ends too early, or in zeros, as file systems leave them that grew a file before they filled it.

use faults::{Dice, scaled};

use super::subject::{Came, Damaging, Log};

#[test]
fn a_log_cut_at_any_byte_says_what_its_whole_batches_say() {
    let (log, damaging, mut dice) = (Log::written(), Damaging::new(), Dice::thrown("cuts"));
    let (length, snapshot) = (log.bytes.len(), log.ends[0].0);
    let (last, _) = log.ends[log.ends.len() - 2];
    let cuts = dice
        .sample(0..snapshot, scaled(4))
        .into_iter()
        .chain(dice.sample(snapshot..last, scaled(8)))
        .chain(dice.sample(last..length + 1, scaled(16)));
    for cut in cuts {
        let torn = &log.bytes[..cut];
        let expected = match log.whole_within(cut) {
            Some(_) => log.started_within(cut, torn),
            // A snapshot is synced before the file has its name: this was no crash.
            None => Came::Refused { line: log.line_of(cut) },
        };
        damaging.expect(torn, expected, &format!("cut after {cut} of {length} bytes"));
    }
    damaging.judge("health's log cut at a byte");
}

#[test]
fn a_log_that_ends_in_zeros_says_what_its_whole_batches_say() {
    let (log, damaging, mut dice) = (Log::written(), Damaging::new(), Dice::thrown("zeros"));
    let length = log.bytes.len();
    let (last, _) = log.ends[log.ends.len() - 2];
    for from in dice.sample(last..length, scaled(10)) {
        let mut torn = log.bytes.clone();
        torn[from..].fill(0);
        damaging.expect(&torn, log.started_within(from, &torn), &format!("zeros from {from} on"));
    }
    for zeros in [1, 511, 512, 4096, 4096 - length % 4096, 65536] {
        let torn = [&log.bytes[..], &vec![0; zeros]].concat();
        damaging.expect(&torn, log.started_within(length, &torn), &format!("{zeros} zeros behind it"));
    }
    // The last sector or page of zeros may reach back into batches that were synced. A disk that loses them has lied,
    // and nobody can tell that from one long batch: the service says what stands before, and keeps the rest.
    for unit in [512, 1024, 4096] {
        let from = (length - 1) / unit * unit;
        let from = from.max(log.ends[0].0);
        let mut torn = log.bytes.clone();
        torn[from..].fill(0);
        damaging.expect(&torn, log.started_within(from, &torn), &format!("the last {unit} bytes"));
    }
    damaging.judge("health's log ending in zeros");
}
