//! Random numbers that can be repeated: the same seed gives the same numbers.

use std::env;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A generator of numbers (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Creates a generator with the seed in `FAULTS_SEED`, else with a new one. It prints the seed, so that a failed
    /// attack can be repeated.
    pub fn seeded(attack: &str) -> Self {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        let seed = env::var("FAULTS_SEED")
            .map_or(nanos.into(), |seed| seed.parse().expect("FAULTS_SEED is a number"));
        println!("{attack}: FAULTS_SEED={seed}");
        Self(seed)
    }

    /// Returns a number in the range, which must not be empty.
    pub fn number(&mut self, range: Range<usize>) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        range.start + ((mixed ^ (mixed >> 31)) % range.len() as u64) as usize
    }

    /// Returns a duration of at most this many milliseconds, in steps of 10 microseconds.
    pub fn duration(&mut self, at_most_ms: usize) -> Duration {
        Duration::from_micros(10 * self.number(0..at_most_ms * 100 + 1) as u64)
    }

    /// Returns `count` different numbers of the range in ascending order, or all of them if the range has fewer.
    pub fn sample(&mut self, range: Range<usize>, count: usize) -> Vec<usize> {
        let mut left: Vec<usize> = range.collect();
        let mut drawn: Vec<usize> =
            (0..count.min(left.len())).map(|_| left.swap_remove(self.number(0..left.len()))).collect();
        drawn.sort_unstable();
        drawn
    }
}
