//! A request that watchers follow: it sends an event at its begin, at each call to a store or another service, and at its
//! end.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hyper::body::Body;
use hyper::header::{self, HeaderName};
use hyper::{Method, Response};
use serde::{Serialize, Serializer};

use super::bus::Bus;
use crate::metrics::label;
use crate::route::Line;
use crate::trace::{SERVER_TIMING, TRACEPARENT, Trace};

/// The headers whose values say nothing of a caller or a record. `Location` and `ETag` do, and `Server-Timing` only
/// without the ids in its descriptions.
static SHOWN: [HeaderName; 7] = [
    header::CONTENT_TYPE,
    header::ALLOW,
    header::WWW_AUTHENTICATE,
    header::RETRY_AFTER,
    header::CACHE_CONTROL,
    TRACEPARENT,
    SERVER_TIMING,
];

/// A followed request.
pub(crate) struct Followed {
    bus: Arc<Bus>,
    started: Instant,
    request: Request,
    admitted: bool,
    steps: Vec<Step>,
    ended: bool,
}

#[derive(Clone, Serialize)]
struct Request {
    id: u64,
    method: &'static str,
    route: &'static str,
    trace_id: String,
}

/// A call to the store or to another service.
#[derive(Clone, Serialize)]
struct Step {
    to: &'static str,
    what: &'static str,
    /// Since the request began.
    #[serde(rename = "at_ms", serialize_with = "milliseconds")]
    at: Duration,
    /// Missing while the call is under way, or if it never ended.
    #[serde(rename = "ms", serialize_with = "maybe_milliseconds")]
    took: Option<Duration>,
    /// A status, or the name of a failure. The store has none.
    outcome: Option<String>,
}

/// One step, while its request goes on.
#[derive(Serialize)]
struct Progress<'s> {
    id: u64,
    number: usize,
    #[serde(flatten)]
    step: &'s Step,
}

#[derive(Serialize)]
struct End<'r> {
    #[serde(flatten)]
    request: &'r Request,
    /// Unix time of the answer.
    time_ms: u64,
    status: u16,
    #[serde(rename = "ms", serialize_with = "milliseconds")]
    took: Duration,
    /// Whether the request passed all checks and reached its handler.
    admitted: bool,
    steps: &'r [Step],
    headers: Vec<(&'r str, String)>,
}

#[derive(Serialize)]
struct Gone {
    id: u64,
}

impl Followed {
    pub(super) fn begin(bus: Arc<Bus>, line: Option<&'static Line>, method: &Method, trace: &Trace) -> Self {
        let route = line.map_or("unmatched", |line| line.path);
        let request =
            Request { id: bus.number(), method: label(method), route, trace_id: trace.id().to_owned() };
        bus.send("begin", &request);
        Self { bus, started: Instant::now(), request, admitted: false, steps: Vec::new(), ended: false }
    }

    /// The request has passed all checks.
    pub(crate) fn admitted(&mut self) {
        self.admitted = true;
    }

    /// A call begins.
    pub(crate) fn step(&mut self, to: &'static str, what: &'static str) {
        let at = self.started.elapsed();
        self.steps.push(Step { to, what, at, took: None, outcome: None });
        self.send_step("step");
    }

    /// The last call has ended.
    pub(crate) fn stepped(&mut self, outcome: Option<&str>) {
        if let Some(step) = self.steps.last_mut() {
            step.took = Some(self.started.elapsed().saturating_sub(step.at));
            step.outcome = outcome.map(str::to_owned);
            self.send_step("stepped");
        }
    }

    fn send_step(&self, event: &str) {
        if let (Some(step), Some(number)) = (self.steps.last(), self.steps.len().checked_sub(1)) {
            self.bus.send(event, &Progress { id: self.request.id, number, step });
        }
    }

    /// The request has been answered.
    pub(crate) fn end<B: Body>(mut self, response: &Response<B>, took: Duration) {
        self.ended = true;
        let mut headers: Vec<(&str, String)> = SHOWN
            .iter()
            .flat_map(|name| response.headers().get(name).map(|value| (name.as_str(), value)))
            .filter_map(|(name, value)| Some((name, without_ids(value.to_str().ok()?))))
            .collect();
        // hyper adds it later.
        if let Some(length) = response.body().size_hint().exact().filter(|length| *length > 0) {
            headers.push((header::CONTENT_LENGTH.as_str(), length.to_string()));
        }
        let time_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let end = End {
            request: &self.request,
            time_ms: u64::try_from(time_ms).unwrap_or(u64::MAX),
            status: response.status().as_u16(),
            took,
            admitted: self.admitted,
            steps: &self.steps,
            headers,
        };
        self.bus.send("end", &end);
    }
}

/// A request without an answer: its client has gone.
impl Drop for Followed {
    fn drop(&mut self) {
        if !self.ended {
            self.bus.send("gone", &Gone { id: self.request.id });
        }
    }
}

impl fmt::Debug for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Followed")
    }
}

/// Puts `{id}` for each number that is a whole segment of a path.
fn without_ids(value: &str) -> String {
    let is_id = |segment: &str| !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
    let mut parts = value.split('/');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len());
        let (segment, rest) = part.split_at(end);
        text.extend(["/", if is_id(segment) { "{id}" } else { segment }, rest]);
    }
    text
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Hundredths, as in `Server-Timing`.
    serializer.serialize_f64((time.as_secs_f64() * 100_000.0).floor() / 100.0)
}

fn maybe_milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => milliseconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

    use super::*;

    #[test]
    fn a_request_without_an_answer_is_gone() {
        let bus = Arc::new(Bus::default());
        let mut watch = bus.watch().expect("there is room");
        let trace = Trace::of(&HeaderMap::new());
        drop(Followed::begin(Arc::clone(&bus), None, &Method::GET, &trace));
        let mut next = || watch.events.try_recv().expect("an event");
        assert!(next().starts_with(b"event: begin\n"));
        assert_eq!(next(), "event: gone\ndata: {\"id\":0}\n\n");
    }

    #[test]
    fn a_header_is_shown_without_ids() {
        for (value, shown) in [
            ("total;dur=1.42", "total;dur=1.42"),
            ("x;dur=1;desc=\"GET /things/7 200\", y;dur=2", "x;dur=1;desc=\"GET /things/{id} 200\", y;dur=2"),
            ("GET /things/7/8", "GET /things/{id}/{id}"),
            ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
        ] {
            assert_eq!(without_ids(value), shown);
        }
    }
}
