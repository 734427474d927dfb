//! Hundreds of clients in a storm of each failure: health lives, stays small, and is well as soon as person is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use testkit::Say;

use super::answers::{BEHAVIOURS, Behaviour};
use super::lab::{BOUND, Lab, OPERATIONS, at_once, crowd, spread};

const CLIENTS: usize = 320;
/// One of each kind: what a crowd adds is the same for all of a kind.
const STORMS: &[&str] = &[
    "404",
    "503",
    "closes",
    "resets",
    "500",
    "redirects to a good answer",
    "another id",
    "a megabyte",
    "a megabyte of two, and then nothing",
    "a megabyte of head",
    "garbage",
    "a body cut off",
    "hangs",
    "drips its body",
];
/// What the process may grow by after a first storm of good lookups, in kilobytes: 64 bodies and heads of 64 KiB, each
/// in a buffer that was doubled until it fitted, and what the allocator keeps for each thread. 64 answers of a
/// megabyte, kept whole, would be twice as much.
const GROWTH: usize = 32 * 1024;

#[test]
fn in_a_storm_of_each_failure_health_lives_stays_small_and_recovers_at_once() {
    let _crowd = crowd();
    let lab = Lab::new();
    // Every thread has run, every buffer is there.
    lab.person_says(|_| Say::Person);
    for _ in 0..2 {
        at_once(CLIENTS, |_| drop(lab.call("GET", 1)));
    }
    let (before, small) = (lab.log(), lab.peak_memory());
    let (mut tried, mut busy, mut alive) = (0, 0, Vec::new());
    let storms: Vec<_> = BEHAVIOURS.iter().filter(|one| STORMS.contains(&one.what)).collect();
    assert_eq!(storms.len(), STORMS.len());
    for _ in 0..faults::scaled(1) {
        for behaviour in &storms {
            lab.lookups();
            lab.person_says(behaviour.says);
            let (refused, probes) = storm(&lab, behaviour);
            busy += refused;
            tried += CLIENTS;
            alive.extend(probes);
            assert!(lab.log() == before, "{}: something was written", behaviour.what);
            lab.person_says(|_| Say::Person);
            assert_eq!(lab.call("GET", 1).status, 200, "{}: health is well with person", behaviour.what);
        }
    }
    let grown = lab.peak_memory() - small;
    assert!(grown < GROWTH, "{grown} kB more than the {small} kB of before");
    faults::report(
        "storms of a failing person",
        &format!("{tried} operations, {CLIENTS} at once"),
        &format!(
            "each the contract's status, {busy} of them too-busy; 0 bytes written; {} /livez all 200 ({}); peak \
             memory {small} kB before, {grown} kB more after",
            alive.len(),
            spread(alive)
        ),
    );
}

/// All at once; meanwhile the process is probed. Gives how many were told that health is busy, and how long each
/// probe took.
fn storm(lab: &Lab, behaviour: &Behaviour) -> (usize, Vec<Duration>) {
    let over = AtomicBool::new(false);
    let ask = |number: usize| {
        let (method, id, _) = OPERATIONS[number % OPERATIONS.len()];
        let start = Instant::now();
        let answer = lab.call(method, id);
        let what = format!("{}, {method}", behaviour.what);
        assert!(start.elapsed() < BOUND, "{what}: {:?}", start.elapsed());
        if answer.text().contains("\"/problems/too-busy\"") {
            assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{what}");
            return true;
        }
        assert_eq!(answer.status, behaviour.status, "{what}: {}", answer.text());
        answer.expect_problem(behaviour.status, behaviour.slug);
        false
    };
    std::thread::scope(|scope| {
        let probes = scope.spawn(|| {
            let mut took = Vec::new();
            while took.is_empty() || !over.load(Ordering::Relaxed) {
                let start = Instant::now();
                let _ = lab.client.get("/livez").expect(200);
                took.push(start.elapsed());
                assert!(took.last() < Some(&BOUND), "/livez took {took:?}");
            }
            took
        });
        let busy = at_once(CLIENTS, ask).into_iter().filter(|busy| *busy).count();
        over.store(true, Ordering::Relaxed);
        (busy, probes.join().expect("each probe is answered"))
    })
}
