//! Reading a request body within its limits.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use tokio::time::timeout;

use crate::fields::Fields;
use crate::problem::{BAD_REQUEST, BODY_TIMEOUT, BODY_TOO_LARGE, Problem, UNSUPPORTED_MEDIA_TYPE};
use crate::route::Body;
use crate::strict_json;

/// Hundreds of times the largest document of the services.
const SIZE_LIMIT: usize = 64 * 1024;
/// For a whole body: a slow phone sends 64 KiB in a second.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How much of a body is read after the answer, and for how long.
const DRAIN_SIZE_LIMIT: usize = 1024 * 1024;
const DRAIN_TIME_LIMIT: Duration = Duration::from_secs(1);

/// Reads the body of a route, checking in the order 415, 413, 400.
pub(crate) async fn read_fields(
    expected: Body,
    headers: &HeaderMap,
    body: &mut Incoming,
) -> Result<Fields, Problem> {
    if expected == Body::Nothing {
        return Ok(Fields::default());
    }
    check_coding(headers)?;
    check_media_type(expected, headers)?;
    if body.size_hint().lower() > SIZE_LIMIT as u64 {
        return Err(too_large());
    }
    strict_json::parse_object(&collect(body).await?)
}

/// Copies the body into one buffer as it arrives: a frame kept for later would keep hyper's whole read buffer with it,
/// several kilobytes for each byte of a client that sends them one by one.
async fn collect(body: &mut Incoming) -> Result<Vec<u8>, Problem> {
    // Growing step by step would leave holes in the heap. Memory that is not written to costs nothing.
    let announced = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let mut collected = Vec::with_capacity(announced.unwrap_or_default().min(SIZE_LIMIT));
    let arrive = async {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(incomplete)?;
            let data = frame.data_ref().map_or(&[][..], |data| data);
            if collected.len() + data.len() > SIZE_LIMIT {
                return Err(too_large());
            }
            collected.extend_from_slice(data);
        }
        Ok(())
    };
    match timeout(TIME_LIMIT, arrive).await {
        Ok(arrived) => arrived.map(|()| collected),
        Err(_) => Err(Problem::new(&BODY_TIMEOUT, "The body did not arrive within 10 seconds.").closing()),
    }
}

fn incomplete(error: hyper::Error) -> Problem {
    let detail = "The body is incomplete or its framing is invalid.";
    Problem::new(&BAD_REQUEST, detail).because(error).closing()
}

fn too_large() -> Problem {
    Problem::new(&BODY_TOO_LARGE, "The body is over 64 KiB.")
}

/// Checks that the body is not compressed (RFC 9110 section 12.5.3).
fn check_coding(headers: &HeaderMap) -> Result<(), Problem> {
    let codings = headers.get_all(header::CONTENT_ENCODING);
    if codings.iter().all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let detail = "Send the body as it is, without the header `Content-Encoding`.";
    let problem = Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail);
    Err(problem.header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}

/// Checks that the body is of an accepted type, in UTF-8 if a character set is named.
fn check_media_type(expected: Body, headers: &HeaderMap) -> Result<(), Problem> {
    let accepted = expected.media_types();
    let mut given =
        headers.get_all(header::CONTENT_TYPE).iter().map(|value| value.to_str().unwrap_or_default());
    let given = given.next().filter(|_| given.next().is_none()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_accepted = accepted.iter().any(|name| essence.eq_ignore_ascii_case(name));
    let charset = parts.filter_map(charset).find(|charset| !charset.eq_ignore_ascii_case("utf-8"));
    let how = format!("Send the header `Content-Type: {}`; the body is read as UTF-8.", accepted[0]);
    let detail = match charset {
        None if is_accepted => return Ok(()),
        Some(charset) if is_accepted => format!("The charset `{charset}` is not accepted. {how}"),
        _ => how,
    };
    let problem = Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail);
    Err(if expected == Body::MergePatch { problem.header(ACCEPT_PATCH, accept_patch()) } else { problem })
}

/// Returns the value of a parameter `charset`.
fn charset(parameter: &str) -> Option<&str> {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    name.eq_ignore_ascii_case("charset").then_some(value.trim_matches('"'))
}

/// The header of RFC 5789 section 3.1: the types of a patch.
pub(crate) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

pub(crate) fn accept_patch() -> HeaderValue {
    let types = Body::MergePatch.media_types().join(", ");
    HeaderValue::try_from(types).expect("media types are printable ASCII")
}

/// Reads the rest of a body after the answer, within limits: closing at once would reset the connection, and the client
/// might lose the answer with it.
pub(crate) async fn drain(mut body: Incoming) {
    let discard = async {
        let mut drained = 0;
        while let Some(Ok(frame)) = body.frame().await
            && drained < DRAIN_SIZE_LIMIT
        {
            drained += frame.data_ref().map_or(0, Bytes::len);
        }
    };
    let _ = timeout(DRAIN_TIME_LIMIT, discard).await;
}
