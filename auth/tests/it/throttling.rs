//! Guessing becomes slower and slower, but no account is locked for good.

use testkit::{Answer, Wire, eventually};

use crate::service::{AuthService, PASSWORD, WRONG, credentials};

/// Checks a 429 and returns the seconds to wait.
fn seconds(answer: Answer) -> u64 {
    let answer = answer.expect_problem(429, "too-many-failures");
    answer.header("retry-after").expect("a Retry-After").parse().expect("whole seconds")
}

/// Repeats a login until it is not a 429.
fn log_in_at_last(service: &AuthService, username: &str, password: &str) -> Answer {
    eventually("a login is tried", || {
        Some(service.log_in(username, password)).filter(|answer| answer.status != 429)
    })
}

#[test]
fn each_failure_after_five_doubles_the_wait() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    for _ in 0..5 {
        service.log_in("ada", WRONG).expect_problem(401, "wrong-credentials");
    }
    // The right password must wait too: otherwise the wait would show which password is right.
    assert_eq!(seconds(service.log_in("ada", PASSWORD)), 1);
    // Another user does not wait.
    let _ = service.register("bob", PASSWORD).expect(201);
    let _ = service.log_in("bob", PASSWORD).expect(200);
    // A refused login does not extend the wait, so a client that repeats it gets through.
    log_in_at_last(&service, "ada", WRONG).expect_problem(401, "wrong-credentials");
    assert_eq!(seconds(service.log_in("ada", WRONG)), 2);
    let _ = log_in_at_last(&service, "ada", PASSWORD).expect(200);
    // A success resets the count.
    for _ in 0..5 {
        service.log_in("ada", WRONG).expect_problem(401, "wrong-credentials");
    }
    assert_eq!(seconds(service.log_in("ada", WRONG)), 1);
}

#[test]
fn unknown_username_is_throttled_too() {
    let service = AuthService::start();
    for username in ["nobody", "Not A Username"] {
        for _ in 0..5 {
            service.log_in(username, WRONG).expect_problem(401, "wrong-credentials");
        }
        assert_eq!(seconds(service.log_in(username, WRONG)), 1);
    }
}

#[test]
fn concurrent_guesses_are_counted_together() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..20).map(|_| scope.spawn(|| service.log_in("ada", WRONG).status)).collect();
        guesses.into_iter().map(|guess| guess.join().expect("no panic")).collect()
    });
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    let (guessed, refused) =
        (statuses.iter().filter(|s| **s == 401).count(), statuses.iter().filter(|s| **s == 429).count());
    // Five are free. On a slow machine the first waits may pass meanwhile, which allows a few more.
    assert!(guessed >= 5 && refused >= 10, "{statuses:?}");
}

#[test]
fn login_beyond_the_queue_is_503_and_other_routes_answer() {
    let service = AuthService::start();
    let mut flood: Vec<Wire> = (0..300)
        .map(|i| {
            let mut wire = Wire::to(service.client().address());
            let body = credentials(&format!("user-{i}"), WRONG).to_string();
            wire.send(format!(
                "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            ));
            wire
        })
        .collect();
    let _ = service.client().get("/livez").expect(200);
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
    // Under load the queue may still hold logins whose clients were answered by the timeout.
    eventually("logins are served again", || (service.log_in("ada", WRONG).status == 401).then_some(()));
}
