//! Hundreds of connections at once, while the process is stopped.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use faults::{at_once, report, scaled};
use testkit::Answer;

use super::health::{BOUND, HealthUnderTest, crowd};

/// Half of the connections that the service serves at once.
const CLIENTS: usize = 512;

/// The kernel accepts connections for a process up to a backlog, and drops any beyond it: a dropped client tries again
/// a second later. A service for 1,024 connections must not answer the 200th client a second late.
#[test]
fn the_backlog_holds_512_connections_of_a_stopped_process() {
    let _crowd = crowd();
    let health = HealthUnderTest::start();
    let rounds = scaled(1);
    for _ in 0..rounds {
        health.service.binary.signal("STOP");
        // A second try of a dropped client would be dropped too: the process accepts no connection.
        let clients = at_once(CLIENTS, |_| TcpStream::connect_timeout(&health.client.address(), BOUND).ok());
        health.service.binary.signal("CONT");
        let connected: Vec<TcpStream> = clients.into_iter().flatten().collect();
        assert_eq!(connected.len(), CLIENTS, "all clients are connected");
        for mut stream in connected {
            stream.set_read_timeout(Some(BOUND)).expect("a socket takes a timeout");
            stream
                .write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                .expect("the service reads");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("the service answers");
            let _ = Answer::parse(&answer).expect("an answer").expect(200);
        }
    }
    report(
        &format!("{CLIENTS} clients connect while health is suspended"),
        &format!("{} connections, {CLIENTS} at once", rounds * CLIENTS),
        "all connected immediately, all answered",
    );
}
