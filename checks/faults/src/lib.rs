//! Attacks on the promises of the services: nothing acknowledged is lost, no caller gets in without a token, and a
//! service answers whatever bytes it receives and however the service behind it fails.
//!
//! This library is shared by the attacks in `tests/it`, with one file for each kind; docs/reliability.md has their
//! results. A function panics, and so fails the test, if a step of it fails. The attacks run the binaries that users
//! run. `FAULTS_SCALE=20` repeats every attack twenty times as often.

mod outcomes;
mod random;
pub mod services;
mod store;

use std::env;
use std::thread;
use std::time::Duration;

pub use outcomes::Outcomes;
pub use random::Random;
pub use store::Store;

/// Returns `once` times `FAULTS_SCALE` (by default 1).
pub fn scaled(once: usize) -> usize {
    let scale = env::var("FAULTS_SCALE").map_or(1, |scale| scale.parse().expect("FAULTS_SCALE is a number"));
    once * scale
}

/// Prints the result of an attack as a row for docs/reliability.md; `--nocapture` shows it.
pub fn report(attack: &str, tried: &str, result: &str) {
    println!("| {attack} | {tried} | {result} |");
}

/// Calls `act` on `count` threads at once, and returns the results.
pub fn at_once<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let act = &act;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || act(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// Returns the median, the 99th percentile and the maximum of some times, in milliseconds.
pub fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_millis();
    format!("p50 {} ms, p99 {} ms, longest {} ms", at(50), at(99), at(100))
}
