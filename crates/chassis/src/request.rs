//! A request as a handler sees it: the caller known, the body read, the limits kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName};

use crate::caller::Caller;
use crate::fields::Fields;
use crate::problem::{BAD_QUERY, BAD_REQUEST, BODY_TIMEOUT, BODY_TOO_LARGE, Problem, UNSUPPORTED_MEDIA_TYPE};
use crate::route::Body;
use crate::strict_json;
use crate::trace::{Timing, Trace};

/// Hundreds of times the largest document of ours.
const BODY_LIMIT: usize = 64 * 1024;
/// For a whole body: a slow phone sends 64 KiB in a second.
const BODY_TIME_LIMIT: Duration = Duration::from_secs(10);

/// What a handler may know of a request besides the call that its path became.
#[derive(Debug)]
pub struct Request {
    pub(crate) headers: HeaderMap,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) caller: Option<Arc<Caller>>,
    pub(crate) fields: Option<Fields>,
    pub(crate) trace: Trace,
    pub(crate) timing: Timing,
}

impl Request {
    /// Who asks. Only for routes that need a token.
    pub fn caller(&self) -> &Arc<Caller> {
        self.caller.as_ref().expect("the route demands a token")
    }

    /// The body's members. Only once, and only for routes that take a body.
    pub fn take_fields(&mut self) -> Fields {
        self.fields.take().expect("the route demands a body, and it is taken once")
    }

    /// The value of a header; several lines of it are joined by commas, as RFC 9110 section 5.3 allows.
    pub fn header(&self, name: HeaderName) -> Option<String> {
        let lines: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// The `traceparent` to pass on to whoever is asked on this request's behalf.
    pub fn traceparent(&self) -> &str {
        self.trace.traceparent()
    }

    /// A query parameter that is a whole number within a range.
    ///
    /// # Errors
    /// `bad-query` if it is anything else.
    pub fn query_number(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, Problem> {
        let Some((_, text)) = self.query.iter().find(|(given, _)| *given == name) else { return Ok(None) };
        // Digits only: `parse` would take `+1`.
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && range.contains(number));
        number.map(Some).ok_or_else(|| {
            let (low, high) = range.into_inner();
            Problem::new(&BAD_QUERY, format!("`{name}` must be a whole number from {low} to {high}."))
        })
    }

    /// Notes in `Server-Timing` what took how long since `start`.
    pub fn timed(&mut self, name: &str, start: Instant, description: Option<&str>) {
        self.timing.add(name, start.elapsed(), description);
    }
}

/// Splits a query into parameters that the route knows, each at most once.
pub(crate) fn parse_query(
    query: &str,
    known: &[&'static str],
) -> Result<Vec<(&'static str, String)>, Problem> {
    let mut parameters: Vec<(&'static str, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(known) = known.iter().find(|known| **known == name) else {
            return Err(Problem::new(&BAD_QUERY, format!("The parameter `{name}` is unknown here.")));
        };
        if parameters.iter().any(|(given, _)| given == known) {
            return Err(Problem::new(&BAD_QUERY, format!("The parameter `{name}` is given more than once.")));
        }
        parameters.push((known, value.to_owned()));
    }
    Ok(parameters)
}

/// Reads the body that the route takes, in the order 415, 413, 400.
pub(crate) async fn read_fields(
    takes: Body,
    headers: &HeaderMap,
    body: &mut Incoming,
) -> Result<Fields, Problem> {
    check_media_type(takes, headers)?;
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(too_large());
    }
    strict_json::parse_object(&collect(body).await?)
}

async fn collect(body: &mut Incoming) -> Result<Bytes, Problem> {
    match tokio::time::timeout(BODY_TIME_LIMIT, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(Problem::new(&BAD_REQUEST, "The body broke off or was framed wrongly.")
            .because(error)
            .closing()),
        Err(_) => Err(Problem::new(&BODY_TIMEOUT, "The body did not arrive within 10 seconds.").closing()),
    }
}

fn too_large() -> Problem {
    Problem::new(&BODY_TOO_LARGE, "The body is over 64 KiB.")
}

fn check_media_type(takes: Body, headers: &HeaderMap) -> Result<(), Problem> {
    let accepted: &[&str] = match takes {
        Body::Nothing => return Ok(()),
        Body::Json => &["application/json"],
        Body::MergePatch => &["application/merge-patch+json", "application/json"],
    };
    let mut given =
        headers.get_all(header::CONTENT_TYPE).iter().map(|value| value.to_str().unwrap_or_default());
    let is_accepted = |value: &str| {
        let mut parts = value.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let utf8 = |parameter: &str| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        };
        accepted.iter().any(|name| essence.eq_ignore_ascii_case(name)) && parts.all(utf8)
    };
    match (given.next(), given.next()) {
        (Some(value), None) if is_accepted(value) => Ok(()),
        _ => {
            let detail =
                format!("Send the header `Content-Type: {}`; the body is read as UTF-8.", accepted[0]);
            Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail))
        }
    }
}

/// Reads on for a moment what a client still sends after it was answered: closing at once would reset the
/// connection, and the client might lose the answer with it.
pub(crate) async fn drain(mut body: Incoming) {
    const AT_MOST: usize = 1024 * 1024;
    const FOR_AT_MOST: Duration = Duration::from_secs(1);
    let _ = tokio::time::timeout(FOR_AT_MOST, Limited::new(&mut body, AT_MOST).collect()).await;
}
