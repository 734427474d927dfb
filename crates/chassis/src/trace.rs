//! The trace of a request (W3C Trace Context) and its timing (`Server-Timing`).

use std::array;
use std::fmt::{self, Write as _};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName};

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The longest list that section 3.3.1.5 asks services to pass on.
const STATE_LIMIT: usize = 512;

/// The trace of a request.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// `00-<trace id>-<parent id>-<flags>`, 55 characters of lower-case hex. A valid one is kept and passed on unchanged;
    /// otherwise the service starts a new trace.
    parent: String,
    /// The `tracestate` beside a valid `traceparent`: what other systems have to say about the trace.
    state: Option<String>,
}

impl Trace {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(TRACEPARENT).iter();
        match (given.next().and_then(|value| version_00(value.to_str().ok()?)), given.next()) {
            (Some(parent), None) => Self { parent, state: state(headers) },
            _ => Self { parent: fresh(), state: None },
        }
    }

    pub(crate) fn traceparent(&self) -> &str {
        &self.parent
    }

    pub(crate) fn into_traceparent(self) -> String {
        self.parent
    }

    pub(crate) fn tracestate(&self) -> Option<&str> {
        self.state.as_deref()
    }

    pub(crate) fn id(&self) -> &str {
        &self.parent[3..35]
    }
}

/// Starts a trace. Ids are unique, not secret: hashes under keys that are random for each thread and change each time.
fn fresh() -> String {
    let random = || RandomState::new().build_hasher().finish();
    let mut text = String::with_capacity(55);
    for (before, number) in [("00-", random()), ("", random()), ("-", random())] {
        text.push_str(before);
        push_hex(&mut text, number);
    }
    text.push_str("-01");
    text
}

/// Adds a number as `{:016x}` does, with a tenth of the instructions.
fn push_hex(text: &mut String, number: u64) {
    let digit = |at: usize| b"0123456789abcdef"[(number >> (60 - 4 * at)) as usize & 0xF];
    let digits: [u8; 16] = array::from_fn(digit);
    text.push_str(str::from_utf8(&digits).expect("hexadecimal digits are ASCII"));
}

/// Returns a valid `traceparent` as one of version 00, as a service must read later versions, which may add parts
/// (<https://www.w3.org/TR/trace-context/#versioning-of-traceparent>).
fn version_00(value: &str) -> Option<String> {
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let nonzero = |part: &str| part.bytes().any(|b| b != b'0');
    let parts: Vec<_> = value.splitn(5, '-').collect();
    let [version, trace, parent, flags, later @ ..] = &parts[..] else { return None };
    let known = match *version {
        "00" => later.is_empty(),
        version => hex(version, 2) && version != "ff",
    };
    let valid = hex(trace, 32) && hex(parent, 16) && hex(flags, 2) && nonzero(trace) && nonzero(parent);
    (known && valid).then(|| format!("00-{trace}-{parent}-{flags}"))
}

/// Returns the lines of `tracestate` as one list, unless it is too long or not text.
fn state(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(TRACESTATE).iter().map(|line| line.to_str().ok());
    let list = lines.collect::<Option<Vec<_>>>()?.join(",");
    (1..=STATE_LIMIT).contains(&list.len()).then_some(list)
}

/// The parts of a request's time.
#[derive(Debug, Default)]
pub(crate) struct Timing(String);

impl Timing {
    /// Adds a part; `description` becomes a quoted string, so it holds no quote and no backslash.
    pub(crate) fn add(&mut self, name: &str, took: Duration, description: Option<&str>) {
        write!(self.0, ", {name};dur={}", Milliseconds(took)).expect("writing to a string cannot fail");
        if let Some(description) = description {
            write!(self.0, ";desc=\"{description}\"").expect("writing to a string cannot fail");
        }
    }

    /// Returns the value of the `Server-Timing` header.
    pub(crate) fn header(&self, total: Duration) -> String {
        format!("total;dur={}{}", Milliseconds(total), self.0)
    }
}

/// A duration in milliseconds with two decimals, truncated.
struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.0.as_secs() * 100_000 + u64::from(self.0.subsec_micros()) / 10;
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_traceparent_is_kept() {
        let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        for (given, kept) in [
            (valid, true),
            ("", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", given.parse().unwrap());
            let trace = Trace::of(&headers);
            assert_eq!(trace.traceparent() == given, kept, "{given}");
            assert!(version_00(trace.traceparent()).is_some());
        }
    }

    #[test]
    fn a_later_version_is_read_as_version_00() {
        let read = version_00("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        for (given, is_read) in [
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-brings", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ] {
            assert_eq!(version_00(given), read.clone().filter(|_| is_read), "{given}");
        }
    }
}
