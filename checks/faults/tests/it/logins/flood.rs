//! Hundreds of logins at once.

use std::thread;
use std::time::{Duration, Instant};

use faults::trio::Trio;
use faults::{report, scaled};
use serde_json::json;
use testkit::{Client, Wire, eventually, tokens};

use super::{HASH_KIB, WRONG, hashes, log_in, peak_kib};

/// Auth holds 1,024 connections, and a process as a rule 1,024 files.
const AT_ONCE: usize = 200;
/// Hashes of each wave during which the others are asked: its queue holds four times as many.
const MEANWHILE: u64 = 32;
/// For all that auth needs beside its hashes, the connections of the flood among it.
const REST_KIB: u64 = 48 * 1024;

#[test]
fn a_flood_of_logins_keeps_nobody_else_from_being_served_and_takes_a_bounded_memory() {
    let trio = Trio::start(tokens::KEY_FILE, &[]);
    let ada = tokens::user("ada");
    let (person, health) = (trio.person.client.with_token(&ada), trio.health.client.with_token(&ada));
    let _ = person.post("/persons", &json!({"name": "Ada"})).expect(201);
    let _ = health.post("/health/1", &json!({"weight": 57.5})).expect(201);
    let auth = &trio.auth.client;
    let others = [(auth, "/livez"), (auth, "/readyz"), (&person, "/persons/1"), (&health, "/health/1")];

    let (mut hashed, mut refused, mut late, mut served, mut longest) = (0, 0, 0, 0, Duration::ZERO);
    for wave in 0..scaled(1) {
        let before = hashes(auth);
        let mut flood = pour(auth, wave);
        while hashes(auth) < before + MEANWHILE {
            for (client, path) in others {
                let start = Instant::now();
                let _ = client.get(path).expect(200);
                longest = longest.max(start.elapsed());
                served += 1;
            }
        }
        for wire in &mut flood {
            let answer = wire.answer();
            if answer.status == 401 {
                hashed += 1;
                continue;
            }
            assert_eq!(answer.header("retry-after"), Some("1"));
            // On a slow machine a hash that is waited for does not come within the five seconds of a handler.
            if answer.json()["type"] == "/problems/timed-out" {
                late += 1;
            } else {
                answer.expect_problem(503, "too-busy");
                refused += 1;
            }
        }
    }
    let done = hashes(auth);
    assert!((hashed..=hashed + late).contains(&done), "{done} hashes: what was refused was hashed");
    assert!(served > 0 && refused > 0, "{served} served, {refused} refused: no flood");
    let threads = thread::available_parallelism().map_or(1, usize::from).min(16) as u64;
    let (peak, most) = (peak_kib(trio.auth.binary.id()), threads * HASH_KIB + REST_KIB);
    assert!(peak < most, "{peak} KiB, {most} at the most");
    eventually("a login is let through", || {
        Some(log_in(auth, "ada", WRONG)).filter(|answer| answer.status == 401)
    });
    report(
        "a flood of logins",
        &format!("{} logins, {AT_ONCE} at once", hashed + refused + late),
        &format!(
            "{hashed} hashed, {refused} refused with 503, {late} given up after 5 s; {served} other requests to the three services \
             answered meanwhile, the slowest in {} ms; auth's peak {peak} KiB with {threads} hashing threads",
            longest.as_millis()
        ),
    );
}

/// Sends so many logins, each of another user, without waiting for an answer.
fn pour(auth: &Client, wave: usize) -> Vec<Wire> {
    let send = |number| {
        let mut wire = Wire::to(auth.address());
        let body = json!({"username": format!("user-{wave}-{number}"), "password": WRONG}).to_string();
        wire.send(format!(
            "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        wire
    };
    (0..AT_ONCE).map(send).collect()
}
