//! Guessing becomes slower and slower, but no account is locked for good.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, available_parallelism};

use sqlite::rusqlite::Connection;
use testkit::{Answer, StopOnDrop, Wire, eventually};

use crate::service::{AuthService, PASSWORD, WRONG, credentials, log_in};

/// With so many passes a hash takes 6 to 20 seconds: longer than the time limit of a request.
const SLOW_PASSES: u32 = 1200;

/// Calls `act` on `count` threads at once, and returns the results.
fn at_once<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let act = &act;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || act(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// A login with a wrong password, as bytes.
fn login_request(username: &str) -> String {
    let body = credentials(username, WRONG).to_string();
    format!(
        "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

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
    let statuses = at_once(20, |_| service.log_in("ada", WRONG).status);
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    let (guessed, refused) =
        (statuses.iter().filter(|s| **s == 401).count(), statuses.iter().filter(|s| **s == 429).count());
    // Five are free. On a slow machine the first waits may pass meanwhile, which allows a few more.
    assert!(guessed >= 5 && refused >= 10, "{statuses:?}");
}

#[test]
fn concurrent_right_passwords_all_get_in() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    assert_eq!(at_once(20, |_| service.log_in("ada", PASSWORD).status), [200; 20]);
}

#[test]
fn guessers_elsewhere_do_not_keep_a_user_out() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    let guessers = [2, 3, 4].map(|host| service.client().connecting_from([127, 0, 0, host]));
    for guesser in &guessers {
        eventually("a guesser has to wait", || (log_in(guesser, "ada", WRONG).status == 429).then_some(()));
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let _stop = StopOnDrop(&done);
        for guesser in &guessers {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert!([401, 429].contains(&log_in(guesser, "ada", WRONG).status));
                }
            });
        }
        let statuses = [(); 40].map(|()| service.log_in("ada", PASSWORD).status);
        assert_eq!(statuses, [200; 40]);
    });
}

#[test]
fn many_peers_share_an_allowance_of_fifty_failures() {
    let service = AuthService::start();
    let from = |host| service.client().connecting_from([127, 0, 0, host]);
    let _ = service.register("ada", PASSWORD).expect(201);
    let _ = log_in(&from(1), "ada", PASSWORD).expect(200);
    for host in 2..12 {
        for _ in 0..5 {
            log_in(&from(host), "ada", WRONG).expect_problem(401, "wrong-credentials");
        }
    }
    assert_eq!(seconds(log_in(&from(12), "ada", WRONG)), 1);
    // The peer from which she has logged in before does not wait, and its success does not help the others.
    let _ = log_in(&from(1), "ada", PASSWORD).expect(200);
    assert_eq!(seconds(log_in(&from(13), "ada", PASSWORD)), 1);
    eventually("a new peer has its turn", || {
        (log_in(&from(12), "ada", PASSWORD).status == 200).then_some(())
    });
}

#[test]
fn login_that_times_out_does_not_count() {
    let service = AuthService::on_file();
    let _ = service.register("ada", PASSWORD).expect(201);
    let slow: Vec<String> =
        (0..available_parallelism().map_or(1, usize::from).min(2)).map(|i| format!("slow-{i}")).collect();
    for username in &slow {
        let _ = service.register(username, PASSWORD).expect(201);
    }
    let db = Connection::open(service.db()).expect("the database");
    let slower = format!(
        "UPDATE account SET password = replace(password, 't=2', 't={SLOW_PASSES}') WHERE username LIKE 'slow-%'"
    );
    db.execute(&slower, []).expect("the service is idle");
    let send = |username: &str| {
        let mut wire = Wire::to(service.client().address());
        wire.send(login_request(username));
        wire
    };
    let slow: Vec<Wire> = slow.iter().map(|username| send(username)).collect();
    let in_flight = format!("http_requests_in_flight {}", slow.len() + 1);
    eventually("the slow logins are under way", || {
        service.client().get("/metrics").text().contains(&in_flight).then_some(())
    });
    // Five wait for a hash, the others for these.
    let mut timed_out: Vec<Wire> = (0..8).map(|_| send("ada")).collect();
    for wire in &mut timed_out {
        wire.answer().expect_problem(503, "timed-out");
    }
    drop(slow);
    // A login takes part in the wait for the slow hashes for five seconds.
    let waited = (0..20).find(|_| service.log_in("nobody", WRONG).status == 401);
    assert!(waited.is_some(), "the slow hashes are never done");
    let failures = [(); 5].map(|()| service.log_in("ada", WRONG).status);
    assert_eq!(failures, [401; 5]);
    assert_eq!(seconds(service.log_in("ada", PASSWORD)), 1);
}

#[test]
fn login_beyond_the_queue_is_503_and_other_routes_answer() {
    let service = AuthService::start();
    let mut flood: Vec<Wire> = (0..300)
        .map(|i| {
            let mut wire = Wire::to(service.client().address());
            wire.send(login_request(&format!("user-{i}")));
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
