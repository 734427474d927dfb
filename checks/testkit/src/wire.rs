//! A connection on which a test sends bytes that no HTTP client would send.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::in_time::InTime;
use crate::{Answer, PATIENCE};

/// A connection to a service, for one request or several.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Wire {
    /// Connects to a service.
    pub fn to(address: SocketAddr) -> Self {
        Self::connect(address).expect("a service listens")
    }

    /// Connects to a service that may have ended.
    ///
    /// # Errors
    /// Returns an error if no service listens at this address.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, unread: Vec::new() })
    }

    /// Sends these bytes unchanged.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("the service reads on");
    }

    /// Sends these bytes unchanged.
    ///
    /// # Errors
    /// Returns an error if the service has closed the connection.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Closes the sending half of the connection; answers can still be read.
    pub fn finish_sending(&self) {
        // It fails if the service has closed the connection, which the next read shows.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Reads the next answer with the body that its `Content-Length` announces.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        self.try_answer().expect("a complete answer")
    }

    /// Reads the next answer of a service that may end at any moment.
    ///
    /// # Errors
    /// Returns an error if the service closes before the answer is complete.
    pub fn try_answer(&mut self) -> io::Result<Answer> {
        self.next(|answer| {
            answer.header("content-length").map_or(0, |length| length.parse().expect("a length"))
        })
    }

    /// Reads the next answer, to a `HEAD`.
    #[track_caller]
    pub fn answer_without_body(&mut self) -> Answer {
        self.next(|_| 0).expect("a complete answer")
    }

    fn next(&mut self, body_length: impl Fn(&Answer) -> usize) -> io::Result<Answer> {
        let mut stream = InTime::from_now(&self.stream);
        loop {
            let end = self.unread.windows(4).position(|window| window == b"\r\n\r\n").map(|end| end + 4);
            if let Some(end) = end {
                let head =
                    Answer::parse(&self.unread[..end]).expect("an answer has a status line and headers");
                let length = end + body_length(&head);
                if self.unread.len() >= length {
                    let body = self.unread[end..length].to_vec();
                    self.unread.drain(..length);
                    return Ok(Answer { body, ..head });
                }
            }
            if read_some(&mut stream, &mut self.unread)? == 0 {
                let unread = String::from_utf8_lossy(&self.unread);
                return Err(io::Error::other(format!("closed after {unread:?}")));
            }
        }
    }

    /// Reads until the service closes, and returns the bytes that no answer has taken.
    #[track_caller]
    pub fn rest(&mut self) -> Vec<u8> {
        let mut stream = InTime::from_now(&self.stream);
        while read_some(&mut stream, &mut self.unread).expect("the service answers or closes in time") > 0 {}
        std::mem::take(&mut self.unread)
    }

    /// Checks that the service closes without sending anything more.
    #[track_caller]
    pub fn expect_closed(&mut self) {
        assert_eq!(String::from_utf8_lossy(&self.rest()), "");
    }
}

/// Reads some bytes; 0 means that the service has closed. A reset counts as a close: the kernel sends one if a service
/// closes with unread bytes.
fn read_some(stream: &mut InTime<'_>, unread: &mut Vec<u8>) -> io::Result<usize> {
    let mut chunk = [0; 16 * 1024];
    let read = match stream.read(&mut chunk) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
        read => read?,
    };
    unread.extend_from_slice(&chunk[..read]);
    Ok(read)
}
