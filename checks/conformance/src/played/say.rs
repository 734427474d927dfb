//! What the played person says.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::ELSEWHERE;

/// Between two bytes of [`Say::Drip`]: shorter than any limit on the time between two bytes.
const DRIP: Duration = Duration::from_millis(100);

/// What it says to whoever asks for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Say {
    /// 200 for the persons that it knows, else 404.
    Truth,
    /// This status, with a small JSON body.
    Status(u16),
    /// 200 with this body.
    Body(&'static str),
    /// A redirect to a place that answers 200.
    Redirect,
    /// Bytes that are no HTTP.
    Garbage,
    /// It closes without an answer.
    Close,
    /// Nothing; the connection stays open.
    Nothing,
    /// A good answer, one byte at a time, without an end.
    Drip,
    /// Nobody listens.
    Refuse,
}

impl Say {
    pub(super) fn speak(&self, mut stream: &TcpStream, (status, truth): &(u16, String)) -> io::Result<()> {
        match self {
            Self::Truth => answer(stream, *status, truth),
            // It has no body, and one would be taken for the next answer.
            Self::Status(204) => write!(stream, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
            Self::Status(status) => answer(stream, *status, r#"{"error":"as the check wants it"}"#),
            Self::Body(body) => answer(stream, 200, body),
            Self::Redirect => write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: {ELSEWHERE}\r\nContent-Length: 0\r\nConnection: \
                 close\r\n\r\n"
            ),
            Self::Garbage => stream.write_all(b"\x16\x03\x01 this is not HTTP\r\n\r\n"),
            Self::Nothing => {
                stream.set_read_timeout(None)?;
                io::copy(&mut stream.take(u64::MAX), &mut io::sink()).map(drop)
            }
            Self::Drip => drip(stream),
            Self::Close | Self::Refuse => Ok(()),
        }
    }
}

fn answer(mut stream: &TcpStream, status: u16, body: &str) -> io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} Played\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}

/// Ends when the other side has had enough, which fails the write.
fn drip(mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Slow: ")?;
    loop {
        stream.write_all(b"a")?;
        thread::sleep(DRIP);
    }
}
