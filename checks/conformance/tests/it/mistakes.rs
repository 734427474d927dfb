//! The checks, tried on the bad lab: each of its mistakes turns exactly its checks red, and each check can fail.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use conformance::report::Format;
use conformance::{Lang, Report, checks};

use super::bad_lab::BadLab;
use super::switches::SWITCHES;

/// Most of the time is spent waiting for a person service that hangs.
const AT_ONCE: usize = 16;

fn ids(report: &Report, verdict: &str) -> BTreeSet<String> {
    let of_these = report.findings.iter().filter(|finding| finding.verdict() == verdict);
    of_these.map(|finding| finding.check.id.to_owned()).collect()
}

fn shown(report: &Report) -> String {
    report.show(Format::Terminal { colour: false }, Lang::En)
}

#[test]
fn without_a_mistake_the_bad_lab_passes_every_check() {
    let report = BadLab::start(None, true).check();
    assert_eq!(ids(&report, "passed").len(), checks::all().count(), "{}", shown(&report));
}

#[test]
fn each_mistake_turns_exactly_its_checks_red() {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some((mistake, expected)) = SWITCHES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let red = ids(&BadLab::start(Some(mistake), true).check(), "failed");
            let expected: BTreeSet<String> = expected.iter().map(|id| (*id).to_owned()).collect();
            if red != expected {
                wrong.push(format!("    (\"{mistake}\", &{red:?}),"));
            }
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "other checks failed:\n{}", wrong.join("\n"));
}

#[test]
fn every_check_can_fail() {
    let red: BTreeSet<&str> = SWITCHES.iter().flat_map(|(_, red)| *red).copied().collect();
    let never: Vec<_> = checks::all().map(|check| check.id).filter(|id| !red.contains(id)).collect();
    assert!(never.is_empty(), "no mistake turns these red: {never:?}");
}
