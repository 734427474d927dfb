//! How large a head may be, and how many connections there may be.

use std::net::SocketAddr;
use std::time::Instant;

use testkit::{Answer, Wire};

use crate::service::{LIVE, PersonService, post_head, test_dir};

#[test]
fn head_over_a_limit_is_414_or_431() {
    let service = PersonService::start();
    let get = |target: &str, fields: &str| -> Answer {
        let mut wire = service.connect();
        wire.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n"));
        wire.answer()
    };
    let target = |length: usize| format!("/{}", "a".repeat(length - 1));
    get(&target(2048), "").expect_problem(404, "no-such-route");
    get(&target(2049), "").expect_problem(414, "target-too-long");
    get(&format!("/livez?{}", "a".repeat(2048)), "").expect_problem(414, "target-too-long");
    let beyond = get(&target(20_000), "").status;
    assert!([414, 431].contains(&beyond), "{beyond}");

    let field = |length: usize| format!("X: {}\r\n", "a".repeat(length));
    for (what, fields, status) in [
        ("a long field", field(16_000), 200),
        ("a field over 16 KiB", field(16 * 1024), 431),
        ("fields over 16 KiB", field(1000).repeat(17), 431),
        // With `Host` and `Connection` these are 64 fields, the limit.
        ("64 fields", "X: y\r\n".repeat(62), 200),
        ("65 fields", "X: y\r\n".repeat(63), 431),
    ] {
        assert_eq!(get("/livez", &fields).status, status, "{what}");
    }
}

/// A request without its end: the connection is busy.
const BEGUN: &str = "GET /livez HTTP/1.1\r\n";

/// Opens as many connections as a service may have, and sends these bytes on each.
fn fill(address: SocketAddr, bytes: &str) -> Vec<Wire> {
    let open = |_| {
        let mut wire = Wire::to(address);
        wire.send(bytes);
        wire
    };
    (0..1024).map(open).collect()
}

#[test]
fn connection_idle_longest_makes_room_for_a_new_one() {
    let dir = test_dir();
    let mut process = dir.serve();
    let address = process.client().address();
    let start = Instant::now();
    let mut open = fill(address, "");
    // Each new connection is answered, though no old one was closed by its client.
    for _ in 0..10 {
        let mut wire = Wire::to(address);
        wire.send(LIVE);
        let _ = wire.answer().expect(200);
        open.push(wire);
    }
    // The first were idle longest; the last of the old ones and all new ones are still open.
    for wire in &mut open[1000..] {
        wire.send(LIVE);
        let _ = wire.answer().expect(200);
    }
    open[0].expect_closed();
    assert!(start.elapsed().as_secs() < 9, "each idle connection is closed after ten seconds");
}

#[test]
fn connection_past_1024_busy_ones_is_503() {
    let dir = test_dir();
    let mut process = dir.serve();
    let address = process.client().address();
    let mut busy =
        fill(address, &format!("{}Expect: 100-continue\r\nContent-Length: 14\r\n\r\n", post_head()));
    for wire in &mut busy {
        assert_eq!(wire.answer().status, 100, "the service waits for the body");
    }
    let mut refused = Wire::to(address);
    // The answer arrives though the client sends a whole request first.
    refused.send(format!("{}Content-Length: 60000\r\n\r\n{}", post_head(), "x".repeat(60_000)));
    let answer = refused.answer().expect(503);
    assert_eq!(
        (answer.header("retry-after"), answer.header("content-type")),
        (Some("1"), Some("application/problem+json"))
    );
    assert_eq!(answer.json()["type"], "/problems/too-busy");
    refused.expect_closed();
    // The requests that had begun are finished.
    busy[0].send(r#"{"name":"Ada"}"#);
    let _ = busy[0].answer().expect(201);
}

#[test]
fn low_soft_limit_of_open_files_is_raised() {
    let dir = test_dir();
    let mut process = dir.serve_after("ulimit -Sn 300");
    let address = process.client().address();
    let mut open = fill(address, BEGUN);
    open.iter_mut().for_each(|wire| wire.send("Host: a\r\n\r\n"));
    for wire in &mut open {
        let _ = wire.answer().expect(200);
    }
}

#[test]
fn low_hard_limit_of_open_files_leaves_fewer_connections() {
    let dir = test_dir();
    let mut process = dir.serve_after("ulimit -n 300");
    let address = process.client().address();
    assert!(process.logs().contains("the limit of open files leaves room for"), "{}", process.logs());
    let mut open = fill(address, BEGUN);
    // Whoever finds no room gets an answer, and the service can still open files for its own use.
    for wire in &mut open[900..] {
        let answer = wire.answer().expect(503);
        assert_eq!(answer.json()["type"], "/problems/too-busy");
    }
    open[0].send("Host: a\r\n\r\n");
    let _ = open[0].answer().expect(200);
}

#[test]
fn limit_without_room_for_connections_is_an_error() {
    let dir = test_dir();
    let mut process = dir.serve_after("ulimit -n 200");
    assert_eq!(process.ended().code(), Some(1));
    assert!(process.logs().contains("the limit of open files, 200, is too low"), "{}", process.logs());
}
