//! A connection, byte by byte: for what no HTTP client would send.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::{Answer, PATIENCE};

/// A connection to a service; several requests may go over it.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Wire {
    /// Connects.
    ///
    /// # Panics
    /// If nobody listens.
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a timeout");
        stream.set_nodelay(true).expect("a socket takes the option");
        Self { stream, unread: Vec::new() }
    }

    /// Sends these bytes as they are.
    ///
    /// # Panics
    /// If the service has closed.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("the service reads on");
    }

    /// Sends these bytes as they are.
    ///
    /// # Errors
    /// Where the service has closed.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Says that nothing more will be sent, and goes on reading.
    ///
    /// # Panics
    /// If the connection is gone.
    pub fn finish_sending(&self) {
        self.stream.shutdown(Shutdown::Write).expect("the connection is there");
    }

    /// Reads the next answer with the body that its `Content-Length` announces.
    ///
    /// # Panics
    /// If the service closes before it is whole.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        self.next(|answer| {
            answer.header("content-length").map_or(0, |length| length.parse().expect("a length"))
        })
    }

    /// Reads the next answer, to a `HEAD`.
    ///
    /// # Panics
    /// If the service closes before it is whole.
    #[track_caller]
    pub fn answer_without_body(&mut self) -> Answer {
        self.next(|_| 0)
    }

    #[track_caller]
    fn next(&mut self, body_length: impl Fn(&Answer) -> usize) -> Answer {
        loop {
            let end = self.unread.windows(4).position(|window| window == b"\r\n\r\n").map(|end| end + 4);
            if let Some(end) = end {
                let head =
                    Answer::parse(&self.unread[..end]).expect("an answer has a status line and headers");
                let whole = end + body_length(&head);
                if self.unread.len() >= whole {
                    let body = self.unread[end..whole].to_vec();
                    self.unread.drain(..whole);
                    return Answer { body, ..head };
                }
            }
            let more = self.read();
            assert!(more > 0, "closed after {:?}", String::from_utf8_lossy(&self.unread));
        }
    }

    /// Reads until the service closes; gives what came before, which no answer was.
    ///
    /// # Panics
    /// If it does not close.
    #[track_caller]
    pub fn rest(&mut self) -> Vec<u8> {
        while self.read() > 0 {}
        std::mem::take(&mut self.unread)
    }

    /// Checks that the service closes and says nothing more.
    ///
    /// # Panics
    /// If it stays or goes on talking.
    #[track_caller]
    pub fn expect_closed(&mut self) {
        assert_eq!(String::from_utf8_lossy(&self.rest()), "");
    }

    /// A reset is an end too: it is what closing with something unread comes to.
    #[track_caller]
    fn read(&mut self) -> usize {
        let mut chunk = [0; 16 * 1024];
        let read = match self.stream.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            read => read.expect("the service answers or closes in time"),
        };
        self.unread.extend_from_slice(&chunk[..read]);
        read
    }
}
