//! What the fake says.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use socket2::SockRef;

/// Between two bytes of [`Say::Drip`].
const DRIP: Duration = Duration::from_millis(50);

/// What it says to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Say {
    /// 200 with the person who was asked for; the feed of deletions where that was.
    #[default]
    Person,
    /// The same, and then it closes the connection without having announced it.
    PersonThenClose,
    /// This status and this JSON body.
    Answer(u16, String),
    /// These bytes as they are; then it closes.
    Bytes(String),
    /// These bytes as they are; the connection serves on.
    Onward(String),
    /// These bytes as they are; then nothing, until whoever asked gives up.
    Stall(String),
    /// Nothing, until whoever asked gives up.
    Hang,
    /// Nothing, until the script says something else; then that.
    Hold,
    /// A good answer, one byte every 50 ms.
    Drip,
    /// The same, but its head at once.
    DripBody,
    /// It closes instead of an answer.
    Close,
    /// It resets the connection instead of an answer.
    Reset,
}

impl Say {
    /// A status with an empty object.
    pub fn status(status: u16) -> Self {
        Self::Answer(status, "{}".to_owned())
    }

    /// 200 with this body.
    pub fn body(body: impl ToString) -> Self {
        Self::Answer(200, body.to_string())
    }

    /// Says it; `good` is the body of a good answer. Returns whether the connection may serve on.
    pub(super) fn speak(&self, mut stream: &TcpStream, good: &str) -> io::Result<bool> {
        let whole = answer(200, good);
        match self {
            Self::Person | Self::PersonThenClose => stream.write_all(whole.as_bytes())?,
            Self::Answer(status, body) => stream.write_all(answer(*status, body).as_bytes())?,
            Self::Bytes(bytes) | Self::Onward(bytes) => stream.write_all(bytes.as_bytes())?,
            Self::Hang => hang(stream)?,
            Self::Stall(bytes) => {
                stream.write_all(bytes.as_bytes())?;
                hang(stream)?;
            }
            Self::Drip => drip(stream, &whole, 0)?,
            Self::DripBody => drip(stream, &whole, whole.len() - good.len())?,
            Self::Reset => SockRef::from(stream).set_linger(Some(Duration::ZERO))?,
            Self::Close | Self::Hold => {}
        }
        Ok(matches!(self, Self::Person | Self::Answer(..) | Self::Onward(_) | Self::Drip | Self::DripBody))
    }
}

fn answer(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn hang(stream: &TcpStream) -> io::Result<()> {
    io::copy(&mut stream.take(u64::MAX), &mut io::sink()).map(drop)
}

fn drip(mut writer: &TcpStream, text: &str, at_once: usize) -> io::Result<()> {
    writer.write_all(&text.as_bytes()[..at_once])?;
    for byte in &text.as_bytes()[at_once..] {
        thread::sleep(DRIP);
        writer.write_all(&[*byte])?;
    }
    Ok(())
}
