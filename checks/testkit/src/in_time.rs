//! Reading from a service that may send for ever.

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::Instant;

use crate::PATIENCE;

/// A connection from which all reads together take [`PATIENCE`] at most: a timeout of the socket alone would begin anew
/// with each byte.
pub(crate) struct InTime<'s> {
    stream: &'s TcpStream,
    deadline: Instant,
}

impl<'s> InTime<'s> {
    pub(crate) fn from_now(stream: &'s TcpStream) -> Self {
        Self { stream, deadline: Instant::now() + PATIENCE }
    }
}

impl Read for InTime<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(ErrorKind::TimedOut, "the service still sends"));
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}
