//! No process listens at person's address, or one that never reads, or another service.

use std::mem;
use std::net::TcpListener;
use std::time::Duration;

use faults::services::{self, Service};
use faults::{at_once, percentiles, report, scaled};
use testkit::FakePerson;

use super::health::{HealthUnderTest, OPERATIONS, crowd, is_too_busy};

/// More than the backlog of a listener.
const CLIENTS: usize = 320;

/// Sends operations at once. Each must get this status, or the 503 for a full queue, in time and without a write. Returns
/// how many got this status, and the times of all.
fn storm(health: &HealthUnderTest, status: u16, slug: &str) -> (usize, Vec<Duration>) {
    let before = health.file();
    let (mut right, mut times) = (0, Vec::new());
    for (answer, took) in at_once(CLIENTS, |number| health.call_in_time(number)) {
        times.push(took);
        if !is_too_busy(&answer) {
            answer.expect_problem(status, slug);
            right += 1;
        }
    }
    assert!(health.file() == before, "the file was changed");
    (right, times)
}

#[test]
fn every_caller_gets_503_if_person_is_not_listening() {
    let _crowd = crowd();
    let mut health = HealthUnderTest::start();
    let address = health.person.address();
    drop(mem::replace(&mut health.person, FakePerson::start()));
    let (mut times, mut refused, rounds) = (Vec::new(), 0, scaled(2));
    for _ in 0..rounds {
        let (unreachable, took) = storm(&health, 503, "person-unreachable");
        refused += unreachable;
        times.extend(took);
        let _ = health.client.get("/livez").expect(200);
    }
    assert!(refused > 0);
    health.person = FakePerson::start_at(address).expect("the port is free again");
    let _ = health.call("GET", 1).expect(200);
    report(
        "person is down",
        &format!("{} operations, {CLIENTS} at once", rounds * CLIENTS),
        &format!(
            "{refused} person-unreachable, {} too-busy, 0 other; {}; recovered with the first answer of person",
            rounds * CLIENTS - refused,
            percentiles(times)
        ),
    );
}

#[test]
fn every_caller_gets_504_if_person_never_reads() {
    let _crowd = crowd();
    // It never accepts either: the kernel does, until the backlog is full.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("a bound listener has an address"));
    let health = HealthUnderTest::with_person_at(&url, FakePerson::start());
    let (late, times) = storm(&health, 504, "person-timeout");
    assert!(late >= 64, "{late}");
    report(
        "person accepts connections and never reads",
        &format!("{CLIENTS} operations at once"),
        &format!("{late} person-timeout, {} too-busy, 0 other; {}", CLIENTS - late, percentiles(times)),
    );
}

#[test]
fn every_caller_gets_502_if_another_service_answers() {
    let auth = Service::start("auth", services::auth());
    let other = HealthUnderTest::start();
    let addresses = [auth.client.address(), other.client.address()];
    for address in addresses {
        let health = HealthUnderTest::with_person_at(&format!("http://{address}"), FakePerson::start());
        let before = health.file();
        for (method, id, _) in OPERATIONS {
            health.call(method, id).expect_problem(502, "person-broken");
        }
        assert!(health.file() == before, "the file was changed");
    }
    report(
        "`PERSON_URL` is that of auth, or of another health",
        &format!("{} operations", addresses.len() * OPERATIONS.len()),
        "all person-broken, asking whether `PERSON_URL` is right; 0 believed the 404; 0 bytes written",
    );
}
