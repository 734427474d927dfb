//! Clients that disconnect before they are answered.

use std::io::Write as _;
use std::net::TcpStream;

use faults::{report, scaled};
use testkit::eventually;

use super::target::against_each;

#[test]
fn aborted_requests_leave_nothing_in_flight() {
    let count = scaled(500);
    against_each(|target| {
        let starts: [&[u8]; 6] = [
            b"",
            b"GET /li",
            b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
            b"{post}Content-Length: 99\r\n\r\n{",
            b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{",
            b"{post}Content-Length: 2\r\n\r\n{}",
        ];
        let starts = starts.map(|start| target.fill(start));
        for start in starts.iter().cycle().take(count) {
            let mut stream = TcpStream::connect(target.address()).expect("the service listens");
            stream.write_all(start).expect("a socket buffers this");
        }
        eventually("only this request is in flight", || {
            let metrics = target.service.client.call("GET", "/metrics").try_send().ok()?;
            let quiet = metrics.text().lines().any(|line| line == "http_requests_in_flight 1");
            (metrics.status == 200 && quiet).then_some(())
        });
    });
    let tried = format!("{count} on each of 3 services");
    report("clients that disconnect early", &tried, "the services keep serving, no request left in flight");
}
