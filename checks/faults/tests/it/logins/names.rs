//! Failing with ever new names: what auth remembers of them is bounded.

use std::thread;

use faults::{report, scaled};
use testkit::{Client, eventually};

use super::{WRONG, hashes, log_in, peak_kib, wait_of};

/// Names that auth remembers at the most: the oldest is forgotten for a new one.
const REMEMBERED: usize = 10_000;
/// What the memory may grow by: far more than the names remembered.
const SLACK_KIB: u64 = 32 * 1024;
const LANES: usize = 8;

#[test]
fn a_flood_of_names_is_remembered_up_to_a_bound_and_then_the_oldest_is_forgotten() {
    let place = faults::auth();
    let mut service = place.serve();
    let auth = service.client();
    for _ in 0..5 {
        log_in(&auth, "first", WRONG).expect_problem(401, "wrong-credentials");
    }
    // So that each hashing thread has its memory before it is measured.
    fail_with(&auth, 0..4 * LANES);
    let before = (hashes(&auth), peak_kib(service.id()));
    let names = scaled(80);
    fail_with(&auth, 4 * LANES..4 * LANES + names);
    // This is what makes it dear to push a name out.
    assert_eq!(hashes(&auth) - before.0, names as u64, "each costs a hash");
    let grown = peak_kib(service.id()) - before.1;
    assert!(grown < SLACK_KIB, "{grown} KiB for {names} names");
    // The sixth failure in a row makes it two seconds; for a name that was forgotten it is the first again.
    let sixth = eventually("the first wait has passed", || {
        Some(log_in(&auth, "first", WRONG)).filter(|answer| answer.status != 429)
    });
    sixth.expect_problem(401, "wrong-credentials");
    let next = log_in(&auth, "first", WRONG);
    let came = if names < REMEMBERED {
        assert_eq!(wait_of(next), 2, "the first name is forgotten");
        "the failures of the first name are remembered"
    } else {
        next.expect_problem(401, "wrong-credentials");
        "the failures of the first name are forgotten, for the table is full"
    };
    let tried = format!("{names} names, a hash each");
    report("a flood of user names", &tried, &format!("{came}; {grown} KiB more"));
}

#[test]
fn what_is_no_user_name_is_counted_as_one_whatever_it_is_and_however_long() {
    let place = faults::auth();
    let mut service = place.serve();
    let auth = service.client();
    let long = "X".repeat(60_000);
    let tries = scaled(300);
    let before = peak_kib(service.id());
    let mut refused = 0;
    for number in 0..tries {
        let answer = log_in(&auth, &format!("{long}{number}"), WRONG);
        if answer.status == 429 {
            refused += 1;
        } else {
            answer.expect_problem(401, "wrong-credentials");
        }
    }
    let hashed = hashes(&auth);
    assert_eq!(hashed, (tries - refused) as u64);
    // Five are free; before each other 1, 2, 4, ... seconds pass.
    assert!(hashed <= 5 + 7, "{hashed} hashes");
    let threads = thread::available_parallelism().map_or(1, usize::from).min(16) as u64;
    let grown = peak_kib(service.id()) - before;
    assert!(grown < threads * super::HASH_KIB + SLACK_KIB, "{grown} KiB");
    report(
        "logins with names of 60 KB that no user can have",
        &format!("{tries} tries"),
        &format!("{hashed} hashed, {refused} refused with 429, {grown} KiB more"),
    );
}

/// Fails once with each of these names, several at a time.
fn fail_with(auth: &Client, names: std::ops::Range<usize>) {
    thread::scope(|scope| {
        for lane in 0..LANES {
            let names = names.clone();
            scope.spawn(move || {
                for name in names.skip(lane).step_by(LANES) {
                    log_in(auth, &format!("name-{name}"), WRONG).expect_problem(401, "wrong-credentials");
                }
            });
        }
    });
}
