//! Clients that take their time, on all three services at once. Ten seconds is what each has for a head and for a
//! body, however steadily it sends.

use std::thread;
use std::time::{Duration, Instant};

use faults::report;
use testkit::Wire;

use super::services::{Service, against_each};

/// What every limit here is.
const LIMIT: Duration = Duration::from_secs(10);

/// Sends bytes now and then, for as long as the service takes them.
fn drip(wire: &mut Wire, bytes: &[u8]) {
    let start = Instant::now();
    while start.elapsed() < LIMIT * 2 && wire.try_send(bytes).is_ok() {
        thread::sleep(Duration::from_millis(400));
    }
}

/// What it sends first, what it goes on sending, and the statuses that it gets.
type Client = (&'static str, &'static [u8], &'static [u8], &'static [u16]);

const CLIENTS: &[Client] = &[
    ("a request line without an end", b"GET /", b"a", &[]),
    ("a field without an end", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ", b"a", &[]),
    (
        "a head after an answer",
        b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nX: ",
        b"a",
        &[200],
    ),
    ("empty lines", b"\r\n", b"\r\n", &[]),
    ("a body that drips", b"{post}Content-Length: 1000\r\n\r\n{", b" ", &[408]),
    ("chunks that drip", b"{post}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n \r\n", &[408]),
    ("a chunk size that drips", b"{post}Transfer-Encoding: chunked\r\n\r\n", b"0", &[408]),
    ("silence", b"", b"", &[]),
    ("silence in a body", b"{post}Content-Length: 1000\r\n\r\n{", b"", &[408]),
];

#[test]
fn nobody_holds_a_connection_longer_than_ten_seconds_for_a_head_or_a_body() {
    against_each(|service| {
        thread::scope(|scope| {
            for client in CLIENTS {
                scope.spawn(|| try_client(service, client));
            }
            // Meanwhile the others are served.
            let _ = service.client.get("/livez").expect(200);
        });
    });
    let tried = format!("{} kinds on each of 3 services", CLIENTS.len());
    report("slow clients", &tried, "each hung up on at its limit, 10 s; others were served meanwhile");
}

fn try_client(service: &Service, (what, first, then, statuses): &Client) {
    let start = Instant::now();
    let mut wire = Wire::to(service.client.address());
    wire.send(service.fill(first));
    if !then.is_empty() {
        drip(&mut wire, then);
    }
    let heard = wire.rest();
    let took = start.elapsed();
    let what = format!("{} {what}", service.name);
    assert!(took > LIMIT - Duration::from_secs(1), "{what} ended early, after {took:?}");
    assert!(took < LIMIT * 2, "{what} ended late, after {took:?}");
    let answers = super::talk::answers(&heard, &[]).unwrap_or_else(|fault| panic!("{what}: {fault}"));
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), *statuses, "{what}");
}
