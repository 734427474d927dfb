//! Memory that strangers can take: a thousand connections, each doing what costs the service most.

mod hold;

use std::thread;
use std::time::{Duration, Instant};

use faults::report;
use faults::services::{Service, Services};
use serde_json::json;
use testkit::{PATIENCE, Wire, eventually, tokens};

use hold::Hold;

/// As many as a service serves, less a few for the other clients.
const CONNECTIONS: usize = 1000;
/// The connections of the other clients are fewer.
const OTHERS: usize = 16;
/// The limits of the contract, in KiB.
const MOST_KIB: u64 = 160 * 1000;
const AFTERWARDS_KIB: u64 = 40 * 1000;
/// More than auth has threads for hashes.
const HASHES_AT_ONCE: usize = 8;
/// How long the memory may take to come back after the last connection.
const BACK_AFTER: Duration = Duration::from_secs(60);

#[test]
fn a_thousand_strangers_cannot_take_the_memory() {
    let services = Services::with_ada(|dir| dir);
    let ada = tokens::user("ada");
    let person = services.person.client.with_token(&ada);
    for _ in 0..1000 {
        let _ = person.post("/persons", &json!({"name": "\u{1F9D1}".repeat(200)})).expect(201);
    }
    for service in services.all() {
        let (mut tried, mut longest) = (0, Duration::ZERO);
        hash_passwords(service, tried);
        for hold in hold::all().iter().filter(|hold| hold.services.contains(&service.name)) {
            let wires = hold_open(service, hold, &ada);
            tried += 1;
            hash_passwords(service, tried);
            let start = Instant::now();
            let _ = service.client.get("/livez").expect(200);
            longest = longest.max(start.elapsed());
            let peak = settled_peak(service);
            assert!(peak < MOST_KIB, "{}: {} take {peak} KiB", service.name, hold.what);
            drop(wires);
            // Otherwise the connections of two attacks would be more than a service serves.
            eventually("the connections have ended", || (service.connections() <= OTHERS).then_some(()));
        }
        let (peak, left) = (service.peak_kib(), wait_for_memory(service));
        report(
            &format!("{CONNECTIONS} connections of strangers, {}", service.name),
            &format!("{tried} kinds of attack"),
            &format!(
                "peak {peak} KiB, {left} KiB afterwards; others answered within {} ms",
                longest.as_millis()
            ),
        );
    }
}

/// Opens the connections and sends on all of them, round by round, what one round of the attack sends.
fn hold_open(service: &Service, hold: &Hold, token: &str) -> Vec<Wire> {
    let address = service.client.address();
    let mut wires: Vec<_> = (0..CONNECTIONS).map(|_| Wire::to(address)).collect();
    let head = hold.head.replace("{token}", token);
    wires.iter_mut().for_each(|wire| wire.send(&head));
    for _ in 0..hold.rounds {
        // A service that closes a connection has taken nothing.
        wires.iter_mut().for_each(|wire| drop(wire.try_send(&hold.round)));
    }
    wires
}

/// Lets auth hash passwords on all its threads at once.
fn hash_passwords(service: &Service, round: usize) {
    if service.name != "auth" {
        return;
    }
    // A hash of an unknown user costs as much. Each has another name, since guesses at one are slowed down.
    let log_in = |number: usize| {
        let body = json!({"username": format!("nobody-{round}-{number}"), "password": "analytical engine"});
        // While the connections of the previous attack are closing, there may be no room for this one.
        eventually("a password is hashed", || {
            let answer = service.client.call("POST", "/login").json(&body).try_send();
            answer.is_ok_and(|answer| answer.status == 401).then_some(())
        });
    };
    thread::scope(|scope| {
        for number in 0..HASHES_AT_ONCE {
            scope.spawn(move || log_in(number));
        }
    });
}

/// Returns the peak once it has not risen for a moment: the service has taken in all that was sent.
fn settled_peak(service: &Service) -> u64 {
    let (mut peak, start) = (service.peak_kib(), Instant::now());
    loop {
        assert!(start.elapsed() < PATIENCE, "{}: the memory still grows, to {peak} KiB", service.name);
        thread::sleep(Duration::from_millis(300));
        let later = service.peak_kib();
        if later == peak {
            return peak;
        }
        peak = later;
    }
}

/// Waits until the service has given its memory back, and returns what it keeps, in KiB.
fn wait_for_memory(service: &Service) -> u64 {
    let start = Instant::now();
    loop {
        let left = service.resident_kib();
        if left < AFTERWARDS_KIB {
            return left;
        }
        assert!(start.elapsed() < BACK_AFTER, "{}: {left} KiB a minute later", service.name);
        thread::sleep(Duration::from_millis(100));
    }
}
