//! Slow clients. Each limit is ten seconds, so all clients run at once.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{Wire, tokens};

use crate::service::{LIVE, PersonService, create_many, post_head};

/// The limit on an idle connection, on a body and on the client's reading.
const LIMIT: Duration = Duration::from_secs(10);

/// Reads its answer and sends nothing more.
fn idle(wire: &mut Wire) {
    wire.send(LIVE);
    let _ = wire.answer().expect(200);
    wire.expect_closed();
}

/// Sends half of the body that it announces.
fn half_a_body(wire: &mut Wire) {
    wire.send(format!("{}Content-Length: 1000\r\n\r\n{{\"name\":", post_head()));
    wire.answer().expect_problem(408, "body-timeout");
    wire.expect_closed();
}

/// Requests more than all buffers on the way hold, goes on sending, and reads nothing.
fn reading_nothing(wire: &mut Wire) {
    let start = Instant::now();
    let token = tokens::user("ada");
    let get = format!("GET /persons?limit=1000 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
    wire.send(get.repeat(200));
    while start.elapsed() < LIMIT * 2 && wire.try_send("a").is_ok() {
        thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn slow_client_is_disconnected_after_ten_seconds() {
    let service = PersonService::start();
    // Each page of these persons is as long as a page may be.
    create_many(&service.ada(), 1000, &"é".repeat(200));
    thread::scope(|scope| {
        for client in [idle, half_a_body, reading_nothing] {
            let mut wire = service.connect();
            scope.spawn(move || {
                let start = Instant::now();
                client(&mut wire);
                let took = start.elapsed();
                assert!(took > LIMIT - Duration::from_secs(1), "too early, after {took:?}");
                assert!(took < LIMIT * 2, "too late, after {took:?}");
            });
        }
        // Other clients are served meanwhile.
        let _ = service.anonymous().get("/livez").expect(200);
    });
    assert_eq!(service.ada().get("/persons?after=1000").json(), json!([]));
}
