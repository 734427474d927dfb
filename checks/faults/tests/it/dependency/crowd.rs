//! A crowd that comes all at once, while the service is held up.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use testkit::Answer;

use super::lab::{BOUND, Lab, at_once, crowd};

/// Half of what the service serves at once.
const CLIENTS: usize = 512;

/// The kernel takes connections on behalf of a service, up to a backlog, and drops what is past it: whoever was dropped
/// tries again a second later. A service that serves 1,024 at once must not answer the 200th of a crowd a second late.
#[test]
fn a_crowd_is_connected_at_once_though_the_service_is_held_up() {
    let _crowd = crowd();
    let lab = Lab::new();
    let rounds = faults::scaled(1);
    for _ in 0..rounds {
        lab.signal("STOP");
        // Were some dropped, their next try would be dropped too: the process takes nobody.
        let crowd = at_once(CLIENTS, |_| TcpStream::connect_timeout(&lab.client.address(), BOUND).ok());
        lab.signal("CONT");
        let connected: Vec<TcpStream> = crowd.into_iter().flatten().collect();
        assert_eq!(connected.len(), CLIENTS, "so many of the crowd were connected");
        for mut stream in connected {
            stream.set_read_timeout(Some(BOUND)).expect("a socket takes a timeout");
            stream
                .write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                .expect("it reads");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("it answers");
            let _ = Answer::parse(&answer).expect("an answer").expect(200);
        }
    }
    faults::report(
        "a crowd comes while the process is stopped",
        &format!("{} connections, {CLIENTS} at once", rounds * CLIENTS),
        "all connected at once, all answered",
    );
}
