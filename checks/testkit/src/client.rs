//! An HTTP client that changes nothing: it sends exactly the test's request and keeps the whole answer.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::PATIENCE;
use crate::in_time::InTime;

/// A client of one service. Each request uses a new connection.
#[derive(Debug, Clone)]
pub struct Client {
    address: SocketAddr,
    source: Option<IpAddr>,
    token: Option<String>,
}

impl Client {
    /// Returns a client without a token.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, source: None, token: None }
    }

    /// Returns the same client, connecting from this address of the machine. Linux has all of 127.0.0.0/8.
    #[must_use]
    pub fn connecting_from(&self, source: impl Into<IpAddr>) -> Self {
        Self { source: Some(source.into()), ..self.clone() }
    }

    /// Returns the same client with a token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Returns the address of the service.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts building a request.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let call = Call {
            address: self.address,
            source: self.source,
            method: method.into(),
            path: path.into(),
            headers: vec![],
            body: vec![],
        };
        match &self.token {
            Some(token) => call.header("Authorization", &format!("Bearer {token}")),
            None => call,
        }
    }

    /// Sends a `GET`.
    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path).send()
    }

    /// Sends a `DELETE`.
    pub fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path).send()
    }

    /// Sends a `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path).json(body).send()
    }

    /// Sends a `PUT` with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path).json(body).send()
    }

    /// Sends a `PATCH` with a JSON merge patch.
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        let patch = self.call("PATCH", path).header("Content-Type", "application/merge-patch+json");
        patch.body(body.to_string()).send()
    }
}

/// A request under construction.
#[derive(Debug)]
pub struct Call {
    address: SocketAddr,
    source: Option<IpAddr>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    /// Adds a header line.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body and `Content-Length`, but no `Content-Type`.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len().to_string();
        self.header("Content-Length", &length)
    }

    /// Sets the body, sent in chunks of 1,000 bytes, but no `Content-Type`.
    #[must_use]
    pub fn chunked(mut self, body: impl AsRef<[u8]>) -> Self {
        for chunk in body.as_ref().chunks(1000) {
            self.body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            self.body.extend_from_slice(chunk);
            self.body.extend_from_slice(b"\r\n");
        }
        self.body.extend_from_slice(b"0\r\n\r\n");
        self.header("Transfer-Encoding", "chunked")
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    /// Sends the request and reads the answer.
    pub fn send(self) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        self.try_send().unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Sends the request and reads the answer.
    ///
    /// # Errors
    /// Returns an error if the connection fails or closes before a complete answer.
    pub fn try_send(self) -> std::io::Result<Answer> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.method, self.path, self.address
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let bytes = try_exchange(self.address, self.source, &[head.as_bytes(), &self.body].concat())?;
        Answer::parse(&bytes).ok_or_else(|| {
            std::io::Error::other(format!("incomplete answer: {:?}", String::from_utf8_lossy(&bytes)))
        })
    }
}

/// Sends these bytes and returns all bytes that the service sends until it closes.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    try_exchange(address, None, bytes).expect("the service answers and closes")
}

fn try_exchange(address: SocketAddr, source: Option<IpAddr>, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if let Some(source) = source {
        socket.bind(&SocketAddr::new(source, 0).into())?;
    }
    socket.connect_timeout(&address.into(), PATIENCE)?;
    let mut stream = TcpStream::from(socket);
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(bytes)?;
    let mut answer = Vec::new();
    InTime::from_now(&stream).read_to_end(&mut answer)?;
    Ok(answer)
}

/// An HTTP answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header lines, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Parses one answer. Returns `None` if the head is incomplete or the body shorter than announced; an answer to
    /// `HEAD` has no body.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let answer = Self { status, headers, body: bytes[end + 4..].to_vec() };
        let announced = answer.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        (answer.body.is_empty() || answer.body.len() >= announced).then_some(answer)
    }

    /// Returns the first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// Checks the status.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Checks that the answer is a problem with this status and type, and with every member that the project's
    /// problems (RFC 9457) have.
    #[track_caller]
    pub fn expect_problem(self, status: u16, slug: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json();
        assert_eq!(problem["type"], format!("/problems/{slug}"), "{problem}");
        assert_eq!(problem["status"], status);
        for member in ["title", "detail", "instance", "trace_id"] {
            assert!(problem[member].is_string(), "{member} in {problem}");
        }
        answer
    }

    /// Checks that the answer asks to come back, because the store cannot be reached, and that nothing was changed.
    #[track_caller]
    pub fn expect_not_ready(self) {
        assert_eq!(self.header("retry-after"), Some("1"), "{}", self.text());
        self.expect_problem(503, "not-ready");
    }

    /// Returns the pointers of a problem's `errors`, in order.
    pub fn pointers(&self) -> Vec<String> {
        let problem = self.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
