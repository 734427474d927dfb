//! A reader of `GET /live/events`.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::PATIENCE;

/// A connection on which a service sends events.
#[derive(Debug)]
pub struct Watcher {
    stream: BufReader<TcpStream>,
    text: String,
}

impl Watcher {
    /// Connects, and waits for the first event.
    pub fn of(address: SocketAddr) -> Self {
        let mut watcher = Self::slow(address);
        watcher.next("hello");
        watcher
    }

    /// Connects with a small receive buffer, and reads nothing yet.
    pub fn slow(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("a socket");
        socket.set_recv_buffer_size(1).expect("the smallest size that the system has");
        socket.connect_timeout(&address.into(), PATIENCE).expect("a service listens");
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(b"GET /live/events HTTP/1.1\r\nHost: a\r\n\r\n").expect("the service reads");
        Self { stream: BufReader::new(stream), text: String::new() }
    }

    /// Waits for the next event of this name and returns its data.
    #[track_caller]
    pub fn next(&mut self, name: &str) -> Value {
        self.until(name).unwrap_or_else(|| panic!("no `{name}` before the end of {}", self.text))
    }

    /// Waits for the next event of this name; returns `None` if the service ends the feed or the connection before.
    #[track_caller]
    pub fn until(&mut self, name: &str) -> Option<Value> {
        let start = Instant::now();
        let mut event = String::new();
        loop {
            assert!(start.elapsed() < PATIENCE, "no `{name}`, but other events: {}", self.text);
            let mut line = String::new();
            match self.stream.read_line(&mut line) {
                // The kernel gives up a connection whose client has not read for ten seconds, and may not say so. A
                // service that still sends does so every five seconds.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::WouldBlock) => {
                    return None;
                }
                read => read.expect("events are text"),
            };
            self.text.push_str(&line);
            // The lines between are the sizes of chunks; the last one is empty.
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => name.clone_into(&mut event),
                Some(("data", data)) if event == name => {
                    return Some(serde_json::from_str(data).expect("the data is JSON"));
                }
                _ if line == "0\r\n" || line.is_empty() => return None,
                _ => {}
            }
        }
    }

    /// Returns everything that the service has sent, the head included.
    pub fn text(&self) -> &str {
        &self.text
    }
}
