//! Health's log, cut, ending in zeros or in garbage, or with a flipped bit.

use faults::{Random, scaled};
use testkit::log;

use super::log::{Log, Outcome, Trial};

#[test]
fn a_cut_log_has_its_complete_batches() {
    let (log, mut trial, mut random) = (Log::written(), Trial::new(), Random::seeded("cuts"));
    let (length, snapshot) = (log.bytes.len(), log.ends[0].0);
    let (last, _) = log.ends[log.ends.len() - 2];
    let mut cuts = random.sample(0..snapshot, scaled(4));
    cuts.extend(random.sample(snapshot..last, scaled(8)));
    cuts.extend(random.sample(last..length + 1, scaled(16)));
    for cut in cuts {
        let torn = &log.bytes[..cut];
        let expected = match log.complete_within(cut) {
            Some(_) => log.started_within(cut, torn),
            // A snapshot is synced before the file gets its name, so no crash leaves an incomplete one.
            None => Outcome::Refused { line: log.line_of(cut) },
        };
        trial.expect(torn, expected, &format!("cut after {cut} of {length} bytes"));
    }
    trial.judge("health's log cut at a byte");
}

/// Some file systems leave zeros after a crash if they had extended a file before they wrote its data.
#[test]
fn a_log_that_ends_in_zeros_has_its_complete_batches() {
    let (log, mut trial, mut random) = (Log::written(), Trial::new(), Random::seeded("zeros"));
    let length = log.bytes.len();
    let (last, _) = log.ends[log.ends.len() - 2];
    let mut starts = random.sample(last..length, scaled(10));
    // The last sector or page may reach back into synced batches. A disk that loses them has broken its promise, and such
    // a log looks like one long batch that is torn: the service starts with the earlier batches, and keeps the rest.
    starts.extend([512, 1024, 4096].map(|unit| ((length - 1) / unit * unit).max(log.ends[0].0)));
    for from in starts {
        let mut torn = log.bytes.clone();
        torn[from..].fill(0);
        trial.expect(&torn, log.started_within(from, &torn), &format!("zeros from {from} on"));
    }
    for zeros in [1, 511, 512, 4096, 4096 - length % 4096, 65536] {
        let torn = [&log.bytes[..], &vec![0; zeros]].concat();
        trial.expect(&torn, log.started_within(length, &torn), &format!("{zeros} further zeros"));
    }
    trial.judge("health's log ending in zeros");
}

#[test]
fn garbage_after_a_log_is_set_aside_or_refused() {
    let (log, mut trial, mut random) = (Log::written(), Trial::new(), Random::seeded("garbage"));
    let lines = log::beginnings(&log.bytes).len() - 1;
    for _ in 0..scaled(5) {
        let length = random.number(1..2000);
        // Neither a line feed nor a NUL, which would look like a hole.
        let garbage: Vec<u8> = (0..length).map(|_| random.number(11..256) as u8).collect();
        // Without a line feed it looks like a write that was cut short, and so never acknowledged.
        let unended = [&log.bytes[..], &garbage].concat();
        trial.expect(&unended, log.started_within(log.bytes.len(), &unended), "without a line feed");
        let ended = [&unended[..], b"\n"].concat();
        trial.expect(&ended, Outcome::Refused { line: lines + 1 }, "with a line feed");
    }
    trial.judge("garbage appended to health's log");
}

#[test]
fn a_flipped_bit_in_the_log_is_refused() {
    let (log, mut trial, mut random) = (Log::written(), Trial::new(), Random::seeded("flips"));
    for bit in random.sample(0..log.bytes.len() * 8, scaled(50)) {
        let at = bit / 8;
        let mut rotten = log.bytes.clone();
        rotten[at] ^= 1 << (bit % 8);
        let expected = Outcome::Refused { line: log.line_of(at) };
        trial.expect(&rotten, expected, &format!("bit {} of byte {at}", bit % 8));
    }
    trial.judge("a bit of health's log flipped");
}
