//! Hundreds of logins at once.

use std::time::{Duration, Instant};

use faults::services::Services;
use faults::{report, scaled};
use serde_json::json;
use testkit::{Client, PATIENCE, Wire, tokens};

use super::{HASHES, WRONG, hashing_kib, log_in};

/// Auth holds 1,024 connections, and a process usually 1,024 open files.
const AT_ONCE: usize = 200;
/// The hashes of a wave during which other requests are sent; the queue of auth holds four times as many.
const MEANWHILE: u64 = 32;
/// The limit for the memory of auth without its hashes, in KiB; it includes the connections of the flood.
const REST_KIB: u64 = 48 * 1024;

#[test]
fn a_flood_of_logins_has_bounded_memory_and_blocks_no_one() {
    let services = Services::with_ada(|dir| dir);
    let ada = tokens::user("ada");
    let (person, health) = (services.person.client.with_token(&ada), services.health.client.with_token(&ada));
    let auth = &services.auth;
    let others = [
        (&auth.client, "/livez"),
        (&auth.client, "/readyz"),
        (&person, "/persons/1"),
        (&health, "/health/1"),
    ];

    let (mut hashed, mut refused, mut late, mut served, mut longest) = (0, 0, 0, 0, Duration::ZERO);
    for wave in 0..scaled(1) {
        let before = auth.metric(HASHES);
        let mut flood = send_logins(&auth.client, wave);
        let begun = Instant::now();
        while auth.metric(HASHES) < before + MEANWHILE {
            for (client, path) in others {
                let start = Instant::now();
                let _ = client.get(path).expect(200);
                longest = longest.max(start.elapsed());
                served += 1;
            }
            assert!(begun.elapsed() < PATIENCE, "the passwords of wave {wave} are not hashed");
        }
        for wire in &mut flood {
            let answer = wire.answer();
            if answer.status == 401 {
                hashed += 1;
                continue;
            }
            assert_eq!(answer.header("retry-after"), Some("1"));
            // On a slow machine a queued hash exceeds the five seconds of a handler.
            if answer.json()["type"] == "/problems/timed-out" {
                late += 1;
            } else {
                answer.expect_problem(503, "too-busy");
                refused += 1;
            }
        }
    }
    let done = auth.metric(HASHES);
    assert!((hashed..=hashed + late).contains(&done), "{done} hashes: a refused login was hashed");
    assert!(served > 0 && refused > 0, "{served} served, {refused} refused: no flood");
    let (peak, most) = (auth.peak_kib(), hashing_kib() + REST_KIB);
    assert!(peak < most, "{peak} KiB instead of at most {most}");
    // On a busy machine the queue is still long, and a login gives up after five seconds.
    assert!((0..20).any(|_| log_in(&auth.client, "ada", WRONG).status == 401), "no login is let through");
    report(
        "a flood of logins",
        &format!("{} logins, {AT_ONCE} at once", hashed + refused + late),
        &format!(
            "{hashed} hashed, {refused} refused with 503, {late} timed out after 5 s; meanwhile {served} other \
             requests to the three services answered, the slowest in {} ms; auth's peak {peak} KiB, {} KiB of it \
             for hashes",
            longest.as_millis(),
            hashing_kib()
        ),
    );
}

/// Sends logins of different users, without waiting for an answer.
fn send_logins(auth: &Client, wave: usize) -> Vec<Wire> {
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
