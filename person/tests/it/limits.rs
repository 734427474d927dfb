//! How large a head may be, and how many connections there may be.

use testkit::{Answer, Wire};

use crate::service::{PersonService, test_dir};

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
        ("a long field", field(8000), 200),
        ("a field over 8 KiB", field(8192), 431),
        ("fields over 8 KiB", field(1000).repeat(9), 431),
        // With `Host` and `Connection` these are 64 fields, the limit.
        ("64 fields", "X: y\r\n".repeat(62), 200),
        ("65 fields", "X: y\r\n".repeat(63), 431),
    ] {
        assert_eq!(get("/livez", &fields).status, status, "{what}");
    }
}

/// `checks/faults` tests that the 1,024 connections are served and that the refusals end with them.
#[test]
fn connection_past_1024_is_503() {
    let dir = test_dir();
    let mut process = dir.serve();
    let address = process.client().address();
    let _open: Vec<Wire> = (0..1024).map(|_| Wire::to(address)).collect();
    let mut refused = Wire::to(address);
    let answer = refused.answer().expect(503);
    assert_eq!(
        (answer.header("retry-after"), answer.header("content-type")),
        (Some("1"), Some("application/problem+json"))
    );
    assert_eq!(answer.json()["type"], "/problems/too-busy");
    refused.expect_closed();
}
