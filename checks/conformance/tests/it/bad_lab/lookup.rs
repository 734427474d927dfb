//! The lookup: health asks person.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::Value;

use super::LabState;
use super::server::{Request, Response};

/// A status and a body.
type Answer = (u16, String);

/// Returns `None` if health may continue, else its error response.
pub(super) fn refused(lab: &LabState, request: &Request, id: &str) -> Option<Response> {
    if lab.makes("health remembers who exists") && lab.records().remembered.contains(id) {
        return None;
    }
    let stays_down = lab.makes("health stays down");
    if stays_down && lab.records().remembered.contains("down") {
        return Some(Response::error(503, "still down").with("Retry-After", "1"));
    }
    let method = if lab.makes("health asks by POST") { "POST" } else { "GET" };
    let path = format!("/persons/{id}");
    let mut answer = call(lab, request, method, &path);
    if lab.makes("health asks twice") {
        answer = call(lab, request, method, &path);
    }
    if matches!(answer, Ok((302, _))) && lab.makes("health follows redirects") {
        answer =
            call(lab, request, method, "/conformance-elsewhere").map(|_| (200, format!("{{\"id\":{id}}}")));
    }
    if matches!(answer, Ok((404, _))) && lab.makes("health creates persons") {
        let _ = call(lab, request, "POST", "/persons");
    }
    if stays_down && answer.is_err() {
        lab.records().remembered.insert("down".to_owned());
    }
    let error = judge(lab, id, answer);
    if error.is_none() {
        lab.records().remembered.insert(id.to_owned());
    }
    error
}

fn judge(lab: &LabState, id: &str, answer: io::Result<Answer>) -> Option<Response> {
    match answer {
        Ok((200, body)) => {
            let is_them = serde_json::from_str::<Value>(&body)
                .is_ok_and(|person| person["id"].as_u64() == id.parse().ok());
            let believes = is_them || lab.makes("health believes any 200");
            (!believes).then(|| Response::error(502, "person answered nonsense"))
        }
        Ok((201..300, _)) if lab.makes("health goes on at any 2xx") => None,
        Ok((500, _)) if lab.makes("health goes on at 500") => None,
        Ok((500, _)) if lab.makes("health passes 500 on") => Some(Response::error(500, "person is broken")),
        Ok((404, _)) if lab.makes("health goes on at 404") => None,
        Ok((404, _)) if lab.makes("health says 400 to nobody") => Some(Response::error(400, "nobody")),
        Ok((401, _)) if lab.makes("health hides 401") => Some(Response::error(404, "no such person")),
        Ok((403, _)) if lab.makes("health hides 403") => Some(Response::error(404, "no such person")),
        Ok((status @ (401 | 403 | 404), _)) => Some(Response::error(status, "person says so")),
        Ok(_) => Some(Response::error(502, "person is broken")),
        Err(error) => failed(lab, &error),
    }
}

fn failed(lab: &LabState, error: &io::Error) -> Option<Response> {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock if lab.makes("health says 503 to lateness") => {
            Some(Response::error(503, "late"))
        }
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Some(Response::error(504, "late")),
        io::ErrorKind::InvalidData if lab.makes("health goes on at garbage") => None,
        io::ErrorKind::InvalidData => Some(Response::error(502, "person is broken")),
        io::ErrorKind::UnexpectedEof if lab.makes("health goes on when person closes") => None,
        _ if lab.makes("health goes on while person is down") => None,
        _ if lab.makes("health says 404 while person is down") => {
            Some(Response::error(404, "no such person"))
        }
        _ if lab.makes("health crashes while person is down") => Some(Response::error(500, "crashed")),
        _ if lab.makes("health says 400 while person is down") => {
            Some(Response::error(400, "person is down"))
        }
        _ if lab.makes("health gives no Retry-After") => Some(Response::error(503, "person is down")),
        _ => Some(Response::error(503, "person is down").with("Retry-After", "1")),
    }
}

/// Sends one request. An answer that is not HTTP is `InvalidData`, no answer `UnexpectedEof`.
fn call(lab: &LabState, request: &Request, method: &str, path: &str) -> io::Result<Answer> {
    let timeout = lab.lookup_timeout();
    let mut stream = TcpStream::connect_timeout(&lab.person_for_health, timeout)?;
    let deadline = Instant::now() + timeout;
    let token = request.header("authorization").filter(|_| !lab.makes("health drops the token"));
    let token = token.map(|token| lab.dialect.token_line(token)).unwrap_or_default();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: person\r\n{token}Connection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = match lab.switch {
            Some("health waits for ever") => None,
            Some("health limits each byte alone") => Some(timeout),
            _ if left.is_zero() => return Err(io::ErrorKind::TimedOut.into()),
            _ => Some(left),
        };
        stream.set_read_timeout(limit)?;
        let mut some = [0; 1024];
        match stream.read(&mut some)? {
            0 => break,
            count => answer.extend(&some[..count]),
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    match (status, text.split_once("\r\n\r\n")) {
        (Some(status), Some((_, body))) => Ok((status, body.to_owned())),
        _ if text.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
