//! The trace of a request (W3C Trace Context) and its timing (`Server-Timing`).

use std::fmt::{self, Write as _};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName};

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The `traceparent` of a request: `00-<trace id>-<parent id>-<flags>`, 55 characters of lower-case hex.
///
/// A valid one is kept and passed on unchanged; otherwise the service starts a new trace.
#[derive(Debug, Clone)]
pub(crate) struct Trace(String);

impl Trace {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(TRACEPARENT).iter();
        match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
            (Some(value), None) if is_valid(value) => Self(value.to_owned()),
            _ => Self::fresh(),
        }
    }

    /// Starts a trace. Ids are unique, not secret: hashes under keys that are random for each thread and change each time.
    fn fresh() -> Self {
        let random = || RandomState::new().build_hasher().finish();
        Self(format!("00-{:016x}{:016x}-{:016x}-01", random(), random(), random()))
    }

    pub(crate) fn traceparent(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_traceparent(self) -> String {
        self.0
    }

    pub(crate) fn id(&self) -> &str {
        &self.0[3..35]
    }
}

/// Checks version 00 of the header (<https://www.w3.org/TR/trace-context/#traceparent-header>).
fn is_valid(value: &str) -> bool {
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let nonzero = |part: &str| part.bytes().any(|b| b != b'0');
    match value.split('-').collect::<Vec<_>>()[..] {
        ["00", trace, parent, flags] => {
            hex(trace, 32) && hex(parent, 16) && hex(flags, 2) && nonzero(trace) && nonzero(parent)
        }
        _ => false,
    }
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
        let hundredths = self.0.as_micros() / 10;
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
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
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
            assert!(is_valid(trace.traceparent()));
        }
    }
}
