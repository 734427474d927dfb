//! Guessing takes ever longer, and nobody is locked out for good.

use testkit::{Answer, Wire, eventually};

use crate::lab::{Lab, PASSWORD, credentials};

const WRONG: &str = "difference engine";

/// Checks a 429; gives the seconds to wait.
fn seconds(answer: Answer) -> u64 {
    let answer = answer.expect_problem(429, "too-many-failures");
    answer.header("retry-after").expect("a Retry-After").parse().expect("whole seconds")
}

/// Tries over and over until a try is let through.
fn insist(lab: &Lab, username: &str, password: &str) -> Answer {
    eventually("a try is let through", || {
        Some(lab.log_in(username, password)).filter(|answer| answer.status != 429)
    })
}

#[test]
fn after_five_failures_the_next_tries_wait_ever_longer_until_one_succeeds() {
    let lab = Lab::new();
    let _ = lab.register("ada", PASSWORD).expect(201);
    for _ in 0..5 {
        lab.log_in("ada", WRONG).expect_problem(401, "wrong-credentials");
    }
    // The right password has to wait as well: else the wait would tell which one it is.
    assert_eq!(seconds(lab.log_in("ada", PASSWORD)), 1);
    // Somebody else does not.
    let _ = lab.register("bob", PASSWORD).expect(201);
    let _ = lab.log_in("bob", PASSWORD).expect(200);
    // Refused tries do not lengthen the wait: who never stops trying gets through all the same.
    insist(&lab, "ada", WRONG).expect_problem(401, "wrong-credentials");
    assert_eq!(seconds(lab.log_in("ada", WRONG)), 2);
    let _ = insist(&lab, "ada", PASSWORD).expect(200);
    // A success starts afresh.
    for _ in 0..5 {
        lab.log_in("ada", WRONG).expect_problem(401, "wrong-credentials");
    }
    assert_eq!(seconds(lab.log_in("ada", WRONG)), 1);
}

#[test]
fn a_username_that_nobody_has_is_throttled_alike() {
    let lab = Lab::new();
    for username in ["nobody", "Not A Username"] {
        for _ in 0..5 {
            lab.log_in(username, WRONG).expect_problem(401, "wrong-credentials");
        }
        assert_eq!(seconds(lab.log_in(username, WRONG)), 1);
    }
}

#[test]
fn guesses_sent_at_once_count_each_other() {
    let lab = Lab::new();
    let _ = lab.register("ada", PASSWORD).expect(201);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..20).map(|_| scope.spawn(|| lab.log_in("ada", WRONG).status)).collect();
        guesses.into_iter().map(|guess| guess.join().expect("no panic")).collect()
    });
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    let (guessed, refused) =
        (statuses.iter().filter(|s| **s == 401).count(), statuses.iter().filter(|s| **s == 429).count());
    // Five are free; on a machine so slow that the first wait passes meanwhile, a sixth or seventh.
    assert!(guessed >= 5 && refused >= 10, "{statuses:?}");
}

#[test]
fn a_flood_of_logins_is_503_past_the_queue_and_the_rest_of_the_service_answers() {
    let lab = Lab::new();
    let mut flood: Vec<Wire> = (0..300)
        .map(|i| {
            let mut wire = Wire::to(lab.client().address());
            let body = credentials(&format!("user-{i}"), WRONG).to_string();
            wire.send(format!(
                "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            ));
            wire
        })
        .collect();
    let _ = lab.client().get("/livez").expect(200);
    let (mut hashed, mut refused) = (0, 0);
    for wire in &mut flood {
        let answer = wire.answer();
        if answer.status == 401 {
            hashed += 1;
        } else {
            assert_eq!(answer.expect(503).header("retry-after"), Some("1"));
            refused += 1;
        }
    }
    assert!(hashed > 0 && refused > 0, "{hashed} hashed, {refused} refused");
    lab.log_in("ada", WRONG).expect_problem(401, "wrong-credentials");
}
