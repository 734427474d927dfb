//! An HTTP server with one request for each connection.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;

use super::{Dialect, LabState};

/// A running server. Dropping it closes its port.
pub(super) struct Server {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

/// A request.
pub(crate) struct Request {
    pub(super) method: String,
    pub(crate) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A response.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Server {
    pub(super) fn start(
        listener: TcpListener,
        lab: Arc<LabState>,
        answer: fn(&LabState, &Request) -> Response,
    ) -> Self {
        let address = listener.local_addr().expect("a bound listener");
        let ended = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&ended);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let lab = Arc::clone(&lab);
                // Fails if the checker has closed the connection.
                thread::spawn(move || serve(&stream, &lab.dialect, |request| answer(&lab, request)).ok());
            }
        });
        Self { address, ended }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the acceptor.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    mut stream: &TcpStream,
    dialect: &Dialect,
    answer: impl FnOnce(&Request) -> Response,
) -> io::Result<()> {
    let Some(mut request) = Request::read(stream)? else { return Ok(()) };
    dialect.translate_request(&mut request);
    let mut response = answer(&request);
    dialect.translate_response(&mut response);
    let mut head = format!("HTTP/1.1 {} Status\r\nConnection: close\r\n", response.status);
    for (name, value) in &response.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if response.status != 204 {
        head += &format!("Content-Type: {}\r\nContent-Length: {}\r\n", response.kind, response.body.len());
    }
    let body = if request.method == "HEAD" || response.status == 204 { "" } else { &response.body };
    write!(stream, "{head}\r\n{body}")
}

impl Request {
    fn read(stream: &TcpStream) -> io::Result<Option<Self>> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let mut words = lines[0].split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let header = |line: &String| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let mut request = Self {
            method,
            target,
            headers: lines[1..].iter().filter_map(header).collect(),
            body: Vec::new(),
        };
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        reader.take(length).read_to_end(&mut request.body)?;
        Ok(Some(request))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Returns the segments of its path.
    pub(super) fn path(&self) -> Vec<&str> {
        let path = self.target.split('?').next().unwrap_or_default();
        path.trim_start_matches('/').split('/').collect()
    }
}

impl Response {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self { status, kind: "application/json", headers: Vec::new(), body: body.to_string() }
    }

    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::json(status, &serde_json::json!({"error": message}))
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { body: String::new(), ..Self::json(status, &Value::Null) }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn html(self) -> Self {
        Self { kind: "text/html", body: "<!doctype html><p>Something</p>".to_owned(), ..self }
    }
}
