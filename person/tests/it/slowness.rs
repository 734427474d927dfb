//! Clients that take their time. The limits are ten seconds each, so all of them are tested at once.

use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};

use testkit::{Wire, tokens};

use crate::lab::{LIVE, Lab, crowd, post_head};

/// What every limit here is.
const LIMIT: Duration = Duration::from_secs(10);

/// Sends a byte now and then until the service closes; a limit on silence alone would never end this.
fn drip(wire: &mut Wire, start: Instant) {
    while start.elapsed() < LIMIT * 2 && wire.try_send("a").is_ok() {
        thread::sleep(Duration::from_millis(500));
    }
}

/// Never sends a whole head.
fn dripping_a_head(wire: &mut Wire, start: Instant) {
    wire.send("GET /livez HTTP/1.1\r\nX: ");
    drip(wire, start);
    let _ = wire.rest();
}

/// Says nothing at all.
fn silent(wire: &mut Wire, _: Instant) {
    wire.expect_closed();
}

/// Has its answer and says nothing more.
fn idle(wire: &mut Wire, _: Instant) {
    wire.send(LIVE);
    let _ = wire.answer().expect(200);
    wire.expect_closed();
}

/// Announces a body and sends half of it.
fn half_a_body(wire: &mut Wire, _: Instant) {
    wire.send(format!("{}Content-Length: 1000\r\n\r\n", post_head()));
    wire.send("{\"name\":");
    wire.answer().expect_problem(408, "body-timeout");
    wire.expect_closed();
}

/// Sends a body a byte at a time.
fn dripping_a_body(wire: &mut Wire, start: Instant) {
    wire.send(format!("{}Content-Length: 1000\r\n\r\n", post_head()));
    drip(wire, start);
}

/// Asks for more than all buffers on the way hold, and takes nothing of it.
fn reading_nothing(wire: &mut Wire, start: Instant) {
    let token = tokens::user("ada");
    let get = format!("GET /persons?limit=1000 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
    wire.send(get.repeat(60));
    drip(wire, start);
}

#[test]
fn a_client_has_ten_seconds_for_a_head_for_a_body_and_between_requests() {
    let lab = Lab::new();
    // A page of these has some 450 KB.
    crowd(&lab.ada(), 1000, &"é".repeat(200));
    let clients = [dripping_a_head, silent, idle, half_a_body, dripping_a_body, reading_nothing];
    thread::scope(|scope| {
        for client in clients {
            let mut wire = lab.wire();
            scope.spawn(move || {
                let start = Instant::now();
                client(&mut wire, start);
                let took = start.elapsed();
                assert!(took > LIMIT - Duration::from_secs(1), "ended early, after {took:?}");
                assert!(took < LIMIT * 2, "ended late, after {took:?}");
            });
        }
        // Meanwhile the others are served.
        let _ = lab.anybody().get("/livez").expect(200);
    });
    assert_eq!(lab.ada().get("/persons?after=1000").json(), json!([]));
}
