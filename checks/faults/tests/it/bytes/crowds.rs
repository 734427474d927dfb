//! Many connections: more than there may be, and clients that are gone before they are answered.

use std::io::Write as _;
use std::net::TcpStream;

use faults::{report, scaled};
use testkit::{Wire, eventually};

use super::services::{Service, against_each};

const LIVE: &[u8] = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
/// How many connections a service has at the most.
const LIMIT: usize = 1024;
const BEYOND: usize = 176;

#[test]
fn a_service_that_twelve_hundred_connect_to_serves_1024_and_all_again_when_they_are_gone() {
    against_each(|service| {
        let address = service.client.address();
        let mut served: Vec<Wire> = (0..LIMIT).map(|_| Wire::to(address)).collect();
        // Those who are there are served, so they are the 1,024; the others are told so, and hung up on.
        for wire in served.iter_mut().step_by(8) {
            wire.send(LIVE);
            let _ = wire.answer().expect(200);
        }
        for _ in 0..BEYOND {
            let mut refused = Wire::to(address);
            assert_eq!(refused.answer().expect(503).header("retry-after"), Some("1"));
            refused.expect_closed();
        }
        for wire in served.iter_mut().step_by(8) {
            wire.send(LIVE);
            let _ = wire.answer().expect(200);
        }
        drop(served);
        recovers(service);
    });
    let tried = format!("{} on each of 3 services", LIMIT + BEYOND);
    report("idle connections", &tried, "1,024 are served, the others told 503; all again once they are gone");
}

#[test]
fn clients_that_are_gone_before_they_are_answered_leave_nothing_behind() {
    let count = scaled(500);
    against_each(|service| {
        let starts: [&[u8]; 6] = [
            b"",
            b"GET /li",
            LIVE,
            b"{post}Content-Length: 99\r\n\r\n{",
            b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{",
            b"{post}Content-Length: 2\r\n\r\n{}",
        ];
        let starts = starts.map(|start| service.fill(start));
        for start in starts.iter().cycle().take(count) {
            let mut stream = TcpStream::connect(service.client.address()).expect("somebody listens");
            stream.write_all(start).expect("a socket takes so much");
        }
        recovers(service);
    });
    let tried = format!("{count} on each of 3 services");
    report("clients that break off", &tried, "the services go on, with no request left in flight");
}

/// Waits until as many are served as may be, at once, and nothing is in flight but the one who asks.
fn recovers(service: &Service) {
    eventually("there is room again, and nothing in flight", || {
        let metrics = service.client.call("GET", "/metrics").try_send().ok()?;
        let quiet = metrics.text().lines().any(|line| line == "http_requests_in_flight 1");
        (metrics.status == 200 && quiet).then_some(())
    });
}
