//! Whether there is such a user is not to be learned from a login: not by what it says, nor by what it costs.

use std::time::{Duration, Instant};

use faults::{report, scaled};
use serde_json::Value;
use testkit::{Answer, Client};

use super::{WRONG, hashes, log_in, register};

/// For each user; the sixth failure in a row would have to wait.
const TRIES: usize = 5;

#[test]
fn an_unknown_user_and_a_wrong_password_are_told_alike_and_cost_one_hash_each() {
    let place = faults::auth();
    let mut service = place.serve();
    let auth = service.client();
    let users = scaled(5);
    for user in 0..users {
        register(&auth, &format!("user-{user}"));
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for user in 0..users {
        // In turns, so that whatever else the machine does befalls both alike.
        for _ in 0..TRIES {
            let (first, took) = one_hash(&auth, &format!("user-{user}"));
            known.push(took);
            let (second, took) = one_hash(&auth, &format!("nobody-{user}"));
            unknown.push(took);
            assert_eq!(seen(&first), seen(&second));
        }
    }
    let (known, unknown) = (median(known), median(unknown));
    report(
        "a login of an unknown user against one with a wrong password",
        &format!("{} of each, in turns", users * TRIES),
        &format!(
            "answers alike, one hash each, medians {:.2} and {:.2} ms, ratio {:.3}",
            unknown.as_secs_f64() * 1e3,
            known.as_secs_f64() * 1e3,
            unknown.as_secs_f64() / known.as_secs_f64()
        ),
    );
}

/// A failing login; gives what came and how long it took.
fn one_hash(auth: &Client, username: &str) -> (Answer, Duration) {
    let before = hashes(auth);
    let start = Instant::now();
    let answer = log_in(auth, username, WRONG);
    let took = start.elapsed();
    assert_eq!(hashes(auth) - before, 1, "a login of {username}");
    (answer.expect_problem(401, "wrong-credentials"), took)
}

/// What the caller can tell apart, but for the clock: the trace is new at each request.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let of_the_request = ["traceparent", "server-timing", "date"];
    let headers = answer.headers.iter().filter(|(name, _)| !of_the_request.contains(&name.as_str()));
    let mut body = answer.json();
    body.as_object_mut().expect("a problem").remove("trace_id").expect("a trace");
    (answer.status, headers.cloned().collect(), body)
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}
