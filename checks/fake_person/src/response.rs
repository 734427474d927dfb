//! The responses that a test can choose.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// Between two bytes of [`Response::Drip`]: shorter than any usual limit on the time between two bytes.
const DRIP_INTERVAL: Duration = Duration::from_millis(50);

/// What the fake sends in answer to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Response {
    /// What a correct person service would send: 200 with the person, or 404 if unknown.
    #[default]
    Person,
    /// The same, then it closes the connection without having announced it.
    PersonThenClose,
    /// This status and this JSON body.
    Answer(u16, String),
    /// These bytes as they are; then it closes.
    Bytes(String),
    /// These bytes as they are; the connection stays open.
    Onward(String),
    /// These bytes as they are; then nothing, until the caller closes.
    Stall(String),
    /// Nothing, until the caller closes.
    Hang,
    /// Nothing, until the script changes; then the new response.
    Hold,
    /// The beginning of a 200, byte by byte; its head never ends.
    Drip,
    /// The head of a 200 at once, then its body byte by byte, too slowly for any caller.
    DripBody,
    /// It closes the connection without an answer.
    Close,
    /// It resets the connection without an answer.
    Reset,
}

impl Response {
    /// Returns a response of this status with an empty object.
    pub fn status(status: u16) -> Self {
        Self::Answer(status, "{}".to_owned())
    }

    /// Returns a 200 with this body.
    pub fn body(body: impl ToString) -> Self {
        Self::Answer(200, body.to_string())
    }
}

/// What to send to one request.
pub(super) struct Decision {
    pub(super) response: Response,
    /// What a correct person service would answer.
    pub(super) status: u16,
    pub(super) body: String,
    /// The identity of its database.
    pub(super) store: Option<String>,
    /// Whether the connection serves one request only.
    pub(super) closes: bool,
}

impl Decision {
    /// Sends the response. Returns whether the connection may serve on.
    pub(super) fn send(&self, mut stream: &TcpStream) -> io::Result<bool> {
        match &self.response {
            Response::Person | Response::PersonThenClose => {
                stream.write_all(self.answer(self.status, &self.body).as_bytes())?;
            }
            Response::Answer(status, body) => stream.write_all(self.answer(*status, body).as_bytes())?,
            Response::Bytes(bytes) | Response::Onward(bytes) => stream.write_all(bytes.as_bytes())?,
            Response::Hang => hang(stream)?,
            Response::Stall(bytes) => {
                stream.write_all(bytes.as_bytes())?;
                hang(stream)?;
            }
            Response::Drip => drip(stream, "", "HTTP/1.1 200 OK\r\nX-Slow: ")?,
            Response::DripBody => {
                let head =
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
                drip(stream, head, &self.body)?;
            }
            Response::Close | Response::Reset | Response::Hold => {}
        }
        let serves_on =
            matches!(self.response, Response::Person | Response::Answer(..) | Response::Onward(_));
        Ok(serves_on && !self.closes)
    }

    fn answer(&self, status: u16, body: &str) -> String {
        let close = if self.closes { "Connection: close\r\n" } else { "" };
        if status == 204 {
            // A 204 has no body: the client would take one for the next response.
            return format!("HTTP/1.1 204 No Content\r\n{close}\r\n");
        }
        let store = self.store.iter().map(|store| format!("Person-Store: {store}\r\n")).collect::<String>();
        let length = body.len();
        format!(
            "HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             {store}{close}\r\n{body}"
        )
    }
}

fn hang(stream: &TcpStream) -> io::Result<()> {
    io::copy(&mut stream.take(u64::MAX), &mut io::sink()).map(drop)
}

/// Sends the first text at once, then the second and spaces byte by byte, until the caller closes and a write fails.
fn drip(mut stream: &TcpStream, at_once: &str, slowly: &str) -> io::Result<()> {
    stream.write_all(at_once.as_bytes())?;
    for byte in slowly.bytes().chain(std::iter::repeat(b' ')) {
        thread::sleep(DRIP_INTERVAL);
        stream.write_all(&[byte])?;
    }
    Ok(())
}
