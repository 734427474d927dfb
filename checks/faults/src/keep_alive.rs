//! A connection that is kept, for a writer whose service may be killed at any moment: what becomes of it is a
//! value, where a `Wire` panics.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;
use testkit::{Answer, Client, PATIENCE};

/// The connection.
#[derive(Debug)]
pub struct KeepAlive {
    stream: TcpStream,
    host: String,
    token: String,
}

impl KeepAlive {
    /// Connects to where this client would, with a token of its own.
    ///
    /// # Errors
    /// Nobody listens.
    pub fn to(client: &Client, token: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(client.address())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, host: client.address().to_string(), token: token.to_owned() })
    }

    /// Sends a request with a JSON body and reads the answer.
    ///
    /// # Errors
    /// The service is gone before the answer was whole.
    pub fn ask(&mut self, method: &str, path: &str, body: &Value) -> io::Result<Answer> {
        let (host, token, body) = (&self.host, &self.token, body.to_string());
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.stream.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = whole(&bytes) {
                return Ok(answer);
            }
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                read => bytes.extend_from_slice(&chunk[..read]),
            }
        }
    }
}

/// The answer, once all of its body is there. (`Answer::parse` takes a missing body for none.)
fn whole(bytes: &[u8]) -> Option<Answer> {
    let answer = Answer::parse(bytes)?;
    let announced = answer.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    (answer.body.len() >= announced).then_some(answer)
}
