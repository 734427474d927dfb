//! 64 lookups at once and 256 that wait; the rest are told at once that health is busy.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use testkit::{Answer, Say, Wire, eventually};

use super::lab::{BOUND, Lab, at_once, crowd, spread};

const AT_ONCE: usize = 64;
const WAITING: usize = 256;
/// Eighty more than have a place.
const CLIENTS: usize = AT_ONCE + WAITING + 80;

fn is(answer: &Answer, slug: &str) -> bool {
    answer.text().contains(&format!("\"/problems/{slug}\""))
}

#[test]
fn a_crowd_before_a_person_that_hangs_is_answered_as_the_contract_says() {
    let _crowd = crowd();
    let lab = Lab::new();
    let waves = faults::scaled(1);
    let (mut late, mut at_the_door, mut in_the_queue) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..waves {
        lab.person.says(Say::Hang);
        lab.lookups();
        // All are connected before the first one asks: what is timed is the answer.
        let connected = Barrier::new(CLIENTS);
        let answers = at_once(CLIENTS, |_| {
            let mut wire = Wire::to(lab.client.address());
            connected.wait();
            let start = Instant::now();
            wire.send(lab.read_request(7));
            (wire.answer(), start.elapsed())
        });
        let before = late.len();
        for (answer, took) in answers {
            assert!(took < BOUND, "{took:?}");
            if answer.status == 504 {
                answer.expect_problem(504, "person-timeout");
                assert!(took >= Duration::from_secs(1), "person has its whole second: {took:?}");
                late.push(took);
            } else {
                assert!(is(&answer, "too-busy"), "{}", answer.text());
                assert_eq!(answer.header("retry-after"), Some("1"));
                if took < Duration::from_secs(1) { &mut at_the_door } else { &mut in_the_queue }.push(took);
            }
        }
        let mut heard = 0;
        eventually("each that was late was one lookup, and nobody else", || {
            heard += lab.lookups().len();
            (heard >= late.len() - before).then_some(())
        });
        assert_eq!(heard, late.len() - before);
        assert!(heard >= AT_ONCE, "{heard}");
        lab.person.says(Say::Person);
        assert_eq!(lab.call("GET", 1).status, 200, "health is well with person");
    }
    let all = [&late[..], &at_the_door, &in_the_queue].concat();
    let (first, second): (Vec<_>, Vec<_>) =
        late.iter().partition(|took| **took < Duration::from_millis(1500));
    let part = |times: Vec<Duration>| {
        let count = times.len();
        if count == 0 { "0".to_owned() } else { format!("{count} ({})", spread(times)) }
    };
    faults::report(
        "person hangs before a crowd",
        &format!("{} operations, {CLIENTS} at once", waves * CLIENTS),
        &format!(
            "all: {}; 504 with a turn at once: {}; 504 after a wait: {}; busy at the door: {}; busy after the wait: {}",
            spread(all),
            part(first),
            part(second),
            part(at_the_door),
            part(in_the_queue)
        ),
    );
}

#[test]
fn sixty_four_ask_at_once_256_wait_and_the_others_are_told_at_once() {
    let _crowd = crowd();
    let lab = Lab::new();
    let (mut tries, mut most) = (0, 0);
    // A try in which somebody's second was over before the last had asked says nothing of how many may wait.
    let busy = eventually("all have asked within a second", || {
        tries += 1;
        let (busy, late, asked) = held(&lab);
        most = asked;
        (late == 0).then_some(busy)
    });
    assert_eq!(busy, CLIENTS - AT_ONCE - WAITING);
    faults::report(
        "more lookups than turns and places",
        &format!("{} operations, {CLIENTS} at once", tries * CLIENTS),
        &format!(
            "{most} lookups before the first answer; {} served once it answered, {busy} too-busy at once",
            AT_ONCE + WAITING
        ),
    );
}

/// All ask while person holds its answers back. Gives how many were told that health is busy, how many that person is
/// late, and how many lookups there were before the first was answered.
fn held(lab: &Lab) -> (usize, usize, usize) {
    let mut wires: Vec<Wire> = (0..CLIENTS).map(|_| Wire::to(lab.client.address())).collect();
    let request = lab.read_request(7);
    lab.lookups();
    lab.person.says(Say::Hold);
    let before = lab.refused();
    let start = Instant::now();
    wires.iter_mut().for_each(|wire| wire.send(&request));
    let mut asked = 0;
    let in_time = || start.elapsed() < Duration::from_secs(1);
    eventually("64 ask and all beyond the queue are refused, or the first are late", || {
        asked += lab.lookups().len();
        let refused = asked >= AT_ONCE && lab.refused() - before >= CLIENTS - AT_ONCE - WAITING;
        (refused || !in_time()).then_some(())
    });
    assert!(asked <= AT_ONCE || !in_time(), "{asked} lookups at once");
    lab.person.says(Say::Person);
    let (mut busy, mut late) = (0, 0);
    for wire in &mut wires {
        let answer = wire.answer();
        match answer.status {
            404 => assert!(is(&answer, "no-health-record"), "{}", answer.text()),
            503 => assert!(is(&answer, "too-busy"), "{}", answer.text()),
            _ => assert!(is(&answer, "person-timeout"), "{}", answer.text()),
        }
        busy += usize::from(answer.status == 503);
        late += usize::from(answer.status == 504);
    }
    (busy, late, asked)
}
