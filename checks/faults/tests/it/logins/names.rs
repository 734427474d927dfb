//! Failed logins with ever new names: the memory for them is bounded.

use faults::services::{self, Service};
use faults::{at_once, report, scaled};
use testkit::{Client, eventually};

use super::{HASHES, WRONG, hashing_kib, log_in};

/// The names that auth remembers at most: a new one replaces the oldest.
const REMEMBERED: usize = 10_000;
/// The limit for the growth of the process in KiB: far more than the remembered names need.
const GROWTH_KIB: u64 = 32 * 1024;
const LANES: usize = 8;

#[test]
fn a_flood_of_usernames_has_bounded_memory() {
    let auth = Service::start("auth", services::auth());
    for _ in 0..5 {
        log_in(&auth.client, "first", WRONG).expect_problem(401, "wrong-credentials");
    }
    // After this, each hashing thread has its memory.
    fail_with(&auth.client, 0..4 * LANES);
    let before = (auth.metric(HASHES), auth.peak_kib());
    let names = scaled(80);
    fail_with(&auth.client, 4 * LANES..4 * LANES + names);
    // The hashes make it expensive to push a name out.
    assert!(auth.metric(HASHES) - before.0 >= names as u64, "each name takes a hash");
    let grown = auth.peak_kib() - before.1;
    assert!(grown < GROWTH_KIB, "{grown} KiB for {names} names");
    // After the sixth failure in a row the wait is two seconds; for a forgotten name it counts as the first.
    let sixth = eventually("the first wait has passed", || {
        Some(log_in(&auth.client, "first", WRONG)).filter(|answer| answer.status != 429)
    });
    sixth.expect_problem(401, "wrong-credentials");
    let next = log_in(&auth.client, "first", WRONG);
    let result = if names < REMEMBERED {
        let next = next.expect_problem(429, "too-many-failures");
        assert_eq!(next.header("retry-after"), Some("2"), "the first name is forgotten");
        "the first name's failures are remembered"
    } else {
        next.expect_problem(401, "wrong-credentials");
        "the first name's failures are forgotten, because the table is full"
    };
    let tried = format!("{names} names, one hash each");
    report("a flood of user names", &tried, &format!("{result}; {grown} KiB more"));
}

#[test]
fn long_invalid_usernames_count_as_one_name() {
    let auth = Service::start("auth", services::auth());
    let long = "X".repeat(60_000);
    let tries = scaled(300);
    let before = auth.peak_kib();
    let mut refused = 0;
    for number in 0..tries {
        let answer = log_in(&auth.client, &format!("{long}{number}"), WRONG);
        if answer.status == 429 {
            refused += 1;
        } else {
            answer.expect_problem(401, "wrong-credentials");
        }
    }
    let hashed = auth.metric(HASHES);
    assert_eq!(hashed, (tries - refused) as u64);
    // Five are free; before each further one the wait is 1, 2, 4, ... seconds.
    assert!(hashed <= 5 + 7, "{hashed} hashes");
    let grown = auth.peak_kib() - before;
    assert!(grown < hashing_kib() + GROWTH_KIB, "{grown} KiB");
    report(
        "logins with invalid names of 60 KB",
        &format!("{tries} attempts"),
        &format!("{hashed} hashed, {refused} refused with 429, {grown} KiB more"),
    );
}

/// Fails once with each of these names, several at a time.
fn fail_with(auth: &Client, names: std::ops::Range<usize>) {
    at_once(LANES, |lane| {
        for name in names.clone().skip(lane).step_by(LANES) {
            // On a busy machine a login may exceed the five seconds of a handler.
            eventually("the password is checked", || {
                (log_in(auth, &format!("name-{name}"), WRONG).status == 401).then_some(())
            });
        }
    });
}
