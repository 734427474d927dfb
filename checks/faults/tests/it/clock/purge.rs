//! Deletions are followed whatever the clock says.

use serde_json::json;
use testkit::{Client, FakePerson, Place, eventually, tokens};

use super::lab::{Clock, HOUR, Running};

fn health(url: &str) -> Place {
    faults::health(url).with("HEALTH_PURGE_SECONDS", "1")
}

/// How many records health has erased, by its own account: whether a token is good does not come into it.
fn erased(health: &Client) -> u64 {
    let metrics = health.get("/metrics").expect(200).text();
    let count = metrics.lines().find_map(|line| line.strip_prefix("purge_erased_total "));
    count.and_then(|count| count.parse().ok()).expect("a counter")
}

#[test]
fn jumps_neither_stop_the_purge_nor_make_it_forget_a_deletion_early() {
    let clock = Clock::new();
    let person = FakePerson::start();
    let health = Running::start(clock.rules(health(&person.url())));
    let ada = health.client.with_token(&tokens::user("ada"));
    let jumps = [0, 24 * HOUR, -24 * HOUR, 2 * HOUR, -2 * HOUR];
    for (seq, jump) in (1..).zip(jumps) {
        clock.is_off_by(0);
        let _ = eventually("tokens are good again", || {
            Some(ada.post(&format!("/health/{seq}"), &json!({"weight": 57.5})).status)
                .filter(|status| *status == 201)
        });
        clock.is_off_by(jump);
        person.feed_requests();
        person.deletes(seq, seq);
        eventually("the record is erased", || (erased(&health.client) == seq.unsigned_abs()).then_some(()));
        let mut passes = Vec::new();
        eventually("the feed is asked on", || {
            passes.extend(person.feed_requests());
            (passes.len() >= 2).then_some(())
        });
        // Thirty seconds have not passed since the first was seen, though the clock says that a day has.
        for pass in passes {
            assert_eq!(pass.query("after"), Some(0), "{jump} s");
        }
    }
    faults::report(
        "the clock jumps while health follows deletions",
        &format!("{} jumps of 2 h and of a day, a deletion after each", jumps.len()),
        "all erased, none forgotten before its 30 s",
    );
}

#[test]
fn the_purge_goes_on_where_only_healths_clock_is_set_back_and_is_made_up_for_where_it_ran_ahead() {
    let clock = Clock::new();
    let person = Running::start(faults::person());
    let health = Running::start(clock.rules(health(&format!("http://{}", person.client.address()))));
    let token = tokens::user("ada");
    let (ada, her) = (person.client.with_token(&token), health.client.with_token(&token));
    for id in 1..=2 {
        let _ = ada.post("/persons", &json!({"name": "Ada"})).expect(201);
        let _ = her.post(&format!("/health/{id}"), &json!({"weight": 57.5})).expect(201);
    }
    clock.is_off_by(-2 * HOUR);
    health.has_seen_the_clock_go_back();
    let _ = ada.delete("/persons/1").expect(204);
    eventually("the first is erased though health's clock is back", || {
        (erased(&health.client) == 1).then_some(())
    });
    // Person takes health's token for one of the future: nothing can be followed, and nothing is lost.
    clock.is_off_by(2 * HOUR);
    eventually("person refuses health", || {
        let _ = health.client.get("/").expect(200);
        health.has_said("person answered 401").then_some(())
    });
    let _ = ada.delete("/persons/2").expect(204);
    clock.is_off_by(0);
    eventually("the second is erased once the clock is right", || {
        (erased(&health.client) == 2).then_some(())
    });
    faults::report(
        "health's clock is 2 h back, then 2 h ahead of person's",
        "a deletion in each",
        "the first erased meanwhile, the second once the clock was right",
    );
}
