//! One connection: what is sent, all that is answered, and how it ends.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use testkit::{Answer, PATIENCE};

/// The trace of the marker, a request that is sent after everything else.
pub(super) const MARKED: &str = "feedfeedfeedfeedfeedfeedfeedfeed";

/// The services give up on a silent connection after ten seconds. Whoever has all that is to come is answered, or
/// hung up on, long before.
const AT_ONCE: Duration = Duration::from_secs(9);

/// The marker. The service closes after it, so that every connection comes to an end.
pub(super) fn marker() -> String {
    format!(
        "GET /livez HTTP/1.1\r\nHost: marker\r\ntraceparent: 00-{MARKED}-00f067aa0ba902b7-01\r\n\
         Connection: close\r\n\r\n"
    )
}

/// How bytes are sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// So many at a time.
    pub(super) pieces: usize,
    /// Whether the client then says that nothing more will come.
    pub(super) half_close: bool,
}

/// Sends bytes, and gives what comes until the service closes; an error where it does not, or only when it loses
/// patience.
pub(super) fn talk(address: SocketAddr, bytes: &[u8], way: Way) -> Result<Vec<u8>, String> {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_nodelay(true).expect("a socket takes the option");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a timeout");
    // The service may be done with the connection before all of it is sent.
    let _ = bytes.chunks(way.pieces).try_for_each(|piece| stream.write_all(piece));
    if way.half_close {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut heard = Vec::new();
    let read = stream.read_to_end(&mut heard);
    // Closing with something unread comes to a reset.
    let closed = read.is_ok() || read.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
    let took = start.elapsed();
    if closed && took < AT_ONCE {
        return Ok(heard);
    }
    Err(format!("hung for {took:?} after {:?}", String::from_utf8_lossy(&heard)))
}

/// Takes what came apart into answers; what is no well-formed answer is an error. `heads` says of each request in
/// order whether it was a `HEAD`.
pub(super) fn answers(mut bytes: &[u8], heads: &[bool]) -> Result<Vec<Answer>, String> {
    let mut answers: Vec<Answer> = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or("half a head")? + 4;
        let head = Answer::parse(&bytes[..end]).ok_or("no head")?;
        check_head(&bytes[..end], &head)?;
        let final_ones = answers.iter().filter(|answer| answer.status != 100).count();
        let bodiless = matches!(head.status, 100 | 204 | 304) || heads.get(final_ones) == Some(&true);
        let length = if bodiless {
            0
        } else {
            head.header("content-length").map_or(0, |n| n.parse().expect("a length"))
        };
        let body = bytes.get(end..end + length).ok_or("half a body")?;
        let answer = Answer { body: body.to_vec(), ..head };
        check_problem(&answer)?;
        answers.push(answer);
        bytes = &bytes[end + length..];
    }
    Ok(answers)
}

/// The status line and every field line as RFC 9112 wants them, the length told once, and the headers of the house.
fn check_head(bytes: &[u8], head: &Answer) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a head that is no text")?;
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
    let once: &[&str] = match head.status {
        100 => &[],
        _ if bare => &["content-length", "date"],
        204 | 304 => &["date", "cache-control", "x-content-type-options", "traceparent", "server-timing"],
        _ => &[
            "content-length",
            "date",
            "cache-control",
            "x-content-type-options",
            "traceparent",
            "server-timing",
        ],
    };
    match once.iter().find(|name| count(name) != 1) {
        Some(name) => Err(format!("{name} is there {} times in {text}", count(name))),
        None if count("transfer-encoding") > 0 => Err("an answer in chunks".to_owned()),
        None => Ok(()),
    }
}

/// A refusal with a body is a whole problem.
fn check_problem(answer: &Answer) -> Result<(), String> {
    if answer.status < 400 || answer.body.is_empty() {
        return Ok(());
    }
    let problem: serde_json::Value =
        serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    let texts = ["type", "title", "detail", "instance", "trace_id"];
    let whole = texts.iter().all(|member| problem[member].is_string()) && problem["status"] == answer.status;
    if whole { Ok(()) } else { Err(format!("the problem {problem}")) }
}

/// Whether an answer is to a request of this trace.
pub(super) fn is_of(answer: &Answer, trace: &str) -> bool {
    answer.header("traceparent").is_some_and(|given| given.contains(trace))
}
