//! 64 lookups run at once and 256 wait for a thread; any further request gets its 503 at once.

use std::time::{Duration, Instant};

use faults::report;
use testkit::{Response, Wire, eventually};

use super::health::{HealthUnderTest, crowd, is_too_busy};

const AT_ONCE: usize = 64;
const WAITING: usize = 256;
/// Eighty more than can run or wait.
const CLIENTS: usize = AT_ONCE + WAITING + 80;

#[test]
fn lookups_beyond_64_running_and_256_waiting_get_503() {
    let _crowd = crowd();
    let health = HealthUnderTest::start();
    let (mut tries, mut most) = (0, 0);
    // A try that takes longer than the second of the first lookup does not show how many may wait.
    let busy = eventually("all requests arrive within a second", || {
        tries += 1;
        let (busy, late, lookups) = hold_lookups(&health);
        most = lookups;
        (late == 0).then_some(busy)
    });
    assert_eq!(busy, CLIENTS - AT_ONCE - WAITING);
    report(
        "more lookups than threads and waiting places",
        &format!("{} operations, {CLIENTS} at once", tries * CLIENTS),
        &format!(
            "{most} lookups before the first answer; {} served once person answered, {busy} too-busy immediately",
            AT_ONCE + WAITING
        ),
    );
}

/// Sends all requests while person holds its answers back. Returns how many were refused, how many timed out, and how
/// many lookups there were before person's first answer.
fn hold_lookups(health: &HealthUnderTest) -> (usize, usize, usize) {
    let mut wires: Vec<Wire> = (0..CLIENTS).map(|_| Wire::to(health.client.address())).collect();
    let request = health.read_request(7);
    health.lookups();
    health.person.says(Response::Hold);
    let before = health.refused();
    let start = Instant::now();
    wires.iter_mut().for_each(|wire| wire.send(&request));
    let mut lookups = 0;
    let in_time = || start.elapsed() < Duration::from_secs(1);
    eventually("64 lookups run and the excess is refused, or the first time out", || {
        lookups += health.lookups().len();
        let refused = lookups >= AT_ONCE && health.refused() - before >= CLIENTS - AT_ONCE - WAITING;
        (refused || !in_time()).then_some(())
    });
    assert!(lookups <= AT_ONCE || !in_time(), "{lookups} lookups at once");
    health.person.says(Response::Person);
    let (mut busy, mut late) = (0, 0);
    for wire in &mut wires {
        let answer = wire.answer();
        match answer.status {
            503 => assert!(is_too_busy(&answer), "{}", answer.text()),
            504 => drop(answer.clone().expect_problem(504, "person-timeout")),
            _ => drop(answer.clone().expect_problem(404, "no-health-record")),
        }
        busy += usize::from(answer.status == 503);
        late += usize::from(answer.status == 504);
    }
    (busy, late, lookups)
}
