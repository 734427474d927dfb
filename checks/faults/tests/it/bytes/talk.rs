//! One connection: sends bytes, parses all answers, and checks that the service closes in time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::{Answer, Wire};

/// The trace id of the marker, a request that is sent after all others.
pub(super) const MARKED: &str = "feedfeedfeedfeedfeedfeedfeedfeed";

/// The services close a silent connection after ten seconds. A client that has sent a complete request is answered, or
/// its connection closed, long before.
const AT_ONCE: Duration = Duration::from_secs(9);

/// Returns the marker. The service closes after it, so that every connection ends.
pub(super) fn marker() -> String {
    format!(
        "GET /livez HTTP/1.1\r\nHost: marker\r\ntraceparent: 00-{MARKED}-00f067aa0ba902b7-01\r\n\
         Connection: close\r\n\r\n"
    )
}

/// How bytes are sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// The number of bytes in each write.
    pub(super) pieces: usize,
    /// Whether the client then closes its half of the connection.
    pub(super) half_close: bool,
}

/// Sends bytes and returns all that the service sends until it closes; an error if it closes only after a timeout.
pub(super) fn talk(address: SocketAddr, bytes: &[u8], way: Way) -> Result<Vec<u8>, String> {
    let start = Instant::now();
    let mut wire = Wire::to(address);
    // The service may close the connection before all bytes are sent.
    let _ = bytes.chunks(way.pieces).try_for_each(|piece| wire.try_send(piece));
    if way.half_close {
        wire.finish_sending();
    }
    let received = wire.rest();
    let took = start.elapsed();
    if took < AT_ONCE {
        return Ok(received);
    }
    Err(format!("hung for {took:?} after {:?}", String::from_utf8_lossy(&received)))
}

/// Splits bytes into answers, or returns an error if one is not well-formed. `heads` has for each request in order
/// whether it is a `HEAD`.
pub(super) fn answers(mut bytes: &[u8], heads: &[bool]) -> Result<Vec<Answer>, String> {
    let mut answers: Vec<Answer> = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or("half a head")? + 4;
        let head = Answer::parse(&bytes[..end]).ok_or("no head")?;
        check_head(&bytes[..end], &head)?;
        let final_ones = answers.iter().filter(|answer| answer.status != 100).count();
        let bodiless = matches!(head.status, 100 | 204 | 304) || heads.get(final_ones) == Some(&true);
        let length = head.header("content-length").filter(|_| !bodiless);
        let length = length.map_or(0, |length| length.parse().expect("a length"));
        let body = bytes.get(end..end + length).ok_or("half a body")?;
        let answer = Answer { body: body.to_vec(), ..head };
        check_problem(&answer)?;
        answers.push(answer);
        bytes = &bytes[end + length..];
    }
    Ok(answers)
}

/// Checks the status line and every field line against RFC 9112, and that each header of the project is there once.
fn check_head(bytes: &[u8], head: &Answer) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a head that is not UTF-8")?;
    let mut lines = text.trim_end_matches("\r\n").split("\r\n");
    let status = lines.next().unwrap_or_default();
    let ok = status.strip_prefix("HTTP/1.1 ").or(status.strip_prefix("HTTP/1.0 "));
    if ok.is_none_or(|rest| rest.len() < 4 || rest.as_bytes()[3] != b' ') {
        return Err(format!("the status line {status:?}"));
    }
    let is_field = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        let token = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !name.is_empty() && name.bytes().all(token) && value.bytes().all(|b| (b' '..=b'~').contains(&b))
    };
    if let Some(line) = lines.find(|line| !is_field(line)) {
        return Err(format!("the field line {line:?}"));
    }
    let count = |name: &str| head.headers.iter().filter(|(given, _)| given == name).count();
    let bare = matches!(head.status, 400 | 414 | 431) && head.header("content-length") == Some("0");
    let once = match head.status {
        100 => "",
        _ if bare => "content-length date",
        204 | 304 => "date cache-control x-content-type-options traceparent server-timing",
        _ => "content-length date cache-control x-content-type-options traceparent server-timing",
    };
    match once.split_whitespace().find(|name| count(name) != 1) {
        Some(name) => Err(format!("{name} is there {} times in {text}", count(name))),
        None if count("transfer-encoding") > 0 => Err("an answer in chunks".to_owned()),
        None => Ok(()),
    }
}

/// Checks that an error with a body is a complete problem.
fn check_problem(answer: &Answer) -> Result<(), String> {
    if answer.status < 400 || answer.body.is_empty() {
        return Ok(());
    }
    let problem: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    let texts = ["type", "title", "detail", "instance", "trace_id"];
    let complete =
        texts.iter().all(|member| problem[member].is_string()) && problem["status"] == answer.status;
    if complete { Ok(()) } else { Err(format!("the problem {problem}")) }
}

/// Returns whether an answer is to a request with this trace id.
pub(super) fn has_trace(answer: &Answer, trace: &str) -> bool {
    answer.header("traceparent").is_some_and(|given| given.contains(trace))
}
