//! Chance that can be had again: the same seed draws the same numbers.

use std::env;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A generator of numbers (splitmix64: its next number depends on nothing but how many were drawn).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// With the seed of the variable `FAULTS_SEED`, else one of its own. It prints which, so that an attack that found
    /// something can be repeated.
    ///
    /// # Panics
    /// If `FAULTS_SEED` is no number.
    pub fn thrown(what: &str) -> Self {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        let seed = env::var("FAULTS_SEED")
            .map_or(nanos.into(), |seed| seed.parse().expect("FAULTS_SEED is a number"));
        println!("{what}: FAULTS_SEED={seed}");
        Self(seed)
    }

    /// A number of these; the range is not empty.
    pub fn number(&mut self, of: Range<usize>) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        of.start + ((mixed ^ (mixed >> 31)) % of.len() as u64) as usize
    }

    /// A while of at most so many milliseconds, in steps of 10 microseconds.
    pub fn moment(&mut self, at_most_ms: usize) -> Duration {
        Duration::from_micros(10 * self.number(0..at_most_ms * 100 + 1) as u64)
    }

    /// So many of them, none twice, in their order; all where there are fewer.
    pub fn sample(&mut self, of: Range<usize>, count: usize) -> Vec<usize> {
        let mut left: Vec<usize> = of.collect();
        let mut drawn: Vec<usize> =
            (0..count.min(left.len())).map(|_| left.swap_remove(self.number(0..left.len()))).collect();
        drawn.sort_unstable();
        drawn
    }
}
