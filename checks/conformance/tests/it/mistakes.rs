//! The checks, tested on the bad lab: each mistake fails exactly its checks, and each check can fail.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use conformance::checks;

use super::bad_lab::BadLab;
use super::switches::SWITCHES;
use super::{ids, shown};

/// How many labs are checked at the same time. Most of them wait for a timeout.
const LABS: usize = 24;

/// Returns the ids of the checks that a mistake must fail.
fn expected(patterns: &[&str]) -> BTreeSet<&'static str> {
    let matches = |id: &str, pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => id.starts_with(beginning),
        None => id == pattern,
    };
    let is_expected = |id: &&str| patterns.iter().any(|pattern| matches(id, pattern));
    checks::all().map(|check| check.id).filter(is_expected).collect()
}

#[test]
fn without_a_mistake_the_bad_lab_passes_every_check() {
    let report = BadLab::start(None, true).check();
    assert_eq!(ids(&report, "passed").len(), checks::all().count(), "{}", shown(&report));
}

#[test]
#[ignore = "takes minutes: cargo test -p conformance -- --ignored"]
fn each_mistake_turns_exactly_its_checks_red() {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some((mistake, patterns)) = SWITCHES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let report = BadLab::start(Some(mistake), true).check();
            let (failed, expected) = (ids(&report, "failed"), expected(patterns));
            if failed != expected {
                let unexpected: Vec<_> = failed.symmetric_difference(&expected).collect();
                wrong.push(format!("{mistake}: {unexpected:?}\n{}", shown(&report)));
            }
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..LABS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "other checks failed:\n{}", wrong.join("\n"));
}

#[test]
fn every_check_can_fail() {
    let red: BTreeSet<&str> = SWITCHES.iter().flat_map(|(_, patterns)| expected(patterns)).collect();
    let never: Vec<_> = checks::all().map(|check| check.id).filter(|id| !red.contains(id)).collect();
    assert!(never.is_empty(), "no mistake fails these checks: {never:?}");
}
