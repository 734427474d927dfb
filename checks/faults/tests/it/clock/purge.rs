//! Health follows deletions whatever the clock says.

use faults::report;
use faults::services::{self, Service};
use serde_json::json;
use testkit::{FakePerson, TestDir, eventually, tokens};

use super::wall_clock::{HOUR, WallClock, await_earlier_time};

fn health(url: &str) -> TestDir {
    services::health(url).with("HEALTH_PURGE_SECONDS", "1")
}

/// Waits until health has erased this many records. The metric needs no token, so no clock changes the answer.
fn await_erased(health: &Service, records: u64) {
    eventually("the record is erased", || (health.metric("purge_erased_total") == records).then_some(()));
}

#[test]
fn clock_jumps_neither_stop_the_purge_nor_move_its_cursor() {
    let clock = WallClock::new();
    let person = FakePerson::start();
    let health = Service::start("health", clock.rules(health(&person.url())));
    let ada = health.client.with_token(&tokens::user("ada"));
    let jumps = [0, 24 * HOUR, -24 * HOUR, 2 * HOUR, -2 * HOUR];
    for (seq, jump) in (1..).zip(jumps) {
        clock.set(0);
        eventually("tokens are valid again", || {
            let answer = ada.post(&format!("/health/{seq}"), &json!({"weight": 57.5}));
            (answer.status == 201).then_some(())
        });
        clock.set(jump);
        person.feed_requests();
        person.deletes(seq, seq);
        await_erased(&health, seq.unsigned_abs());
        let mut passes = Vec::new();
        eventually("health asks for the feed again", || {
            passes.extend(person.feed_requests());
            (passes.len() >= 2).then_some(())
        });
        // The cursor trails by 30 s, which have not passed since the first deletion, whatever the clock says.
        assert_eq!(health.metric("purge_pending"), seq.unsigned_abs(), "{jump} s");
    }
    report(
        "the clock jumps while health follows deletions",
        &format!("{} jumps of up to a day, a deletion after each", jumps.len()),
        "all erased, none dropped before its 30 s",
    );
}

#[test]
fn the_purge_survives_a_wrong_clock_of_health() {
    let clock = WallClock::new();
    let person = Service::start("person", services::person());
    let url = format!("http://{}", person.client.address());
    let health = Service::start("health", clock.rules(health(&url)));
    let token = tokens::user("ada");
    let (persons, records) = (person.client.with_token(&token), health.client.with_token(&token));
    for id in 1..=2 {
        let _ = persons.post("/persons", &json!({"name": "Ada"})).expect(201);
        let _ = records.post(&format!("/health/{id}"), &json!({"weight": 57.5})).expect(201);
    }
    clock.set(-2 * HOUR);
    await_earlier_time(&health);
    let _ = persons.delete("/persons/1").expect(204);
    await_erased(&health, 1);
    // Person refuses health's token, issued in the future: the purge waits, and no deletion is lost.
    clock.set(2 * HOUR);
    eventually("person refuses health", || {
        let _ = health.client.get("/").expect(200);
        health.binary.logs().contains("person answered 401").then_some(())
    });
    let _ = persons.delete("/persons/2").expect(204);
    clock.set(0);
    await_erased(&health, 2);
    report(
        "health's clock is 2 h behind person's, then 2 h ahead",
        "a deletion in each state",
        "the first erased while behind, the second once the clock was right",
    );
}
