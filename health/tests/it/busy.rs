//! Many lookups at once: 64 run, 256 wait for a permit, and the rest is rejected.

use std::process::Command;
use std::time::{Duration, Instant};

use testkit::{Answer, FakePerson, Response, Wire, eventually, tokens};

use crate::harness::{HealthService, at_once, dir, path};

/// One second for the permit and one for the response, and room for a busy machine.
const BOUND: Duration = Duration::from_secs(5);

/// Returns the number of requests in flight, without the one for the metrics.
fn in_flight(health: &HealthService) -> usize {
    let metrics = health.anybody().get("/metrics").expect(200).text();
    let line =
        metrics.lines().find_map(|line| line.strip_prefix("http_requests_in_flight ")).expect("a gauge");
    line.parse::<usize>().expect("a number") - 1
}

#[test]
fn sixty_four_lookups_run_at_once_and_others_wait() {
    let health = HealthService::with_record();
    health.person.says(Response::Hold);
    std::thread::scope(|scope| {
        let answers = scope.spawn(|| at_once(80, |_| health.ada().get(&path(7)).status));
        eventually("all requests are in flight", || (in_flight(&health) == 80).then_some(()));
        let mut heard = 0;
        eventually("64 lookups have arrived", || {
            heard += health.person.lookups().len();
            (heard >= 64).then_some(())
        });
        assert_eq!(heard, 64);
        health.person.says(Response::Person);
        assert_eq!(answers.join().expect("no panic"), [200; 80]);
    });
    assert_eq!(health.person.lookups().len(), 16);
}

#[test]
fn hanging_person_delays_no_other_route() {
    let health = HealthService::with_record();
    health.person.says(Response::Hang);
    let ask = |_| {
        let start = Instant::now();
        (health.ada().get(&path(7)), start.elapsed())
    };
    let answers: Vec<(Answer, Duration)> = std::thread::scope(|scope| {
        let answers = scope.spawn(|| at_once(400, ask));
        eventually("person is being waited for", || (in_flight(&health) >= 64).then_some(()));
        for route in ["/livez", "/readyz", "/vitals", "/metrics"] {
            let _ = health.anybody().get(route).expect(200);
        }
        answers.join().expect("no panic")
    });
    let (mut late, mut busy) = (0, 0);
    for (answer, took) in answers {
        assert!(took < BOUND, "{took:?}");
        if answer.status == 504 {
            answer.expect_problem(504, "person-timeout");
            late += 1;
        } else {
            assert_eq!(answer.header("retry-after"), Some("1"));
            answer.expect_problem(503, "too-busy");
            busy += 1;
        }
    }
    assert!(late >= 64, "{late}");
    assert!(busy >= 1, "{busy}");
    health.person.says(Response::Person);
    let _ = health.ada().get(&path(7)).expect(200);
}

#[test]
fn disconnected_callers_release_their_permits() {
    let health = HealthService::with_record();
    health.person.says(Response::Hang);
    health.person.lookups();
    let token = testkit::tokens::user("ada");
    let wires: Vec<_> = (0..64)
        .map(|_| {
            let mut wire = testkit::Wire::to(health.anybody().address());
            wire.send(format!("GET /health/7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"));
            wire
        })
        .collect();
    let mut heard = 0;
    eventually("all lookups have arrived", || {
        heard += health.person.lookups().len();
        (heard == 64).then_some(())
    });
    drop(wires);
    health.person.says(Response::Person);
    // A permit is released with its lookup, at the latest after a second.
    eventually("permits are available again", || (health.ada().get(&path(7)).status == 200).then_some(()));
    at_once(64, |_| drop(health.ada().get(&path(7)).expect(200)));
}

#[cfg(target_os = "linux")]
#[test]
fn lookup_without_a_free_descriptor_is_too_busy() {
    let person = FakePerson::start();
    let dir = dir(&person);
    let mut service = dir.serve_with(&[("HEALTH_PURGE_SECONDS", "3600")]);
    let mut wire = Wire::to(service.client().address());
    wire.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    let _ = wire.answer().expect(200);
    // From now on the process opens nothing more.
    let limit = Command::new("prlimit").args(["--nofile=1:", "--pid", &service.id().to_string()]).status();
    assert!(limit.expect("prlimit of util-linux").success());
    let token = tokens::user("ada");
    wire.send(format!("GET /health/7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"));
    wire.answer().expect_problem(503, "too-busy");
}
