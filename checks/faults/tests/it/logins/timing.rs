//! The time of a login does not show whether the user exists.

use std::time::{Duration, Instant};

use faults::services::{self, Service};
use faults::{report, scaled};

use super::{HASHES, WRONG, log_in, register};

/// Failures for each user; before the sixth in a row a login has to wait.
const TRIES: usize = 5;

#[test]
fn a_login_of_an_unknown_user_takes_one_hash_too() {
    let auth = Service::start("auth", services::auth());
    let users = scaled(5);
    for user in 0..users {
        register(&auth.client, &format!("user-{user}"));
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for user in 0..users {
        // Alternating, so that other load of the machine affects both alike.
        for _ in 0..TRIES {
            known.push(failed_login(&auth, &format!("user-{user}")));
            unknown.push(failed_login(&auth, &format!("nobody-{user}")));
        }
    }
    let (known, unknown) = (median_ms(known), median_ms(unknown));
    report(
        "login of an unknown user, compared with a wrong password",
        &format!("{} of each, alternating", users * TRIES),
        &format!("one hash each, medians {unknown:.2} and {known:.2} ms, ratio {:.3}", unknown / known),
    );
}

/// Returns the time of a login with a wrong password, and checks that it takes one hash.
fn failed_login(auth: &Service, username: &str) -> Duration {
    let before = auth.metric(HASHES);
    let start = Instant::now();
    let answer = log_in(&auth.client, username, WRONG);
    let took = start.elapsed();
    assert_eq!(auth.metric(HASHES) - before, 1, "a login of {username}");
    answer.expect_problem(401, "wrong-credentials");
    took
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}
