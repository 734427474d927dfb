//! Requests of pages from another origin (the Fetch standard, "CORS protocol"). By default no page may read answers.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};

/// Request headers that a page may send beyond those that the standard always allows.
const MAY_SEND: &str =
    "authorization, content-type, idempotency-key, if-match, if-none-match, traceparent, tracestate";
/// Answer headers that a page may read beyond those that the standard always shows.
const MAY_READ: &str = "accept-patch, allow, etag, link, location, retry-after, server-timing, traceparent, \
    www-authenticate";
/// How long a browser may remember the answer to a preflight, in seconds.
const REMEMBERED: u64 = 600;

/// Adds what the browser asks for, if the page is of an allowed origin. A page sends its token itself, so cookies and the
/// like stay forbidden.
pub(crate) fn add_headers(allowed: &[String], request: &HeaderMap, answer: &mut HeaderMap) {
    if allowed.is_empty() {
        return;
    }
    // A cache must not show the answer for one origin to another.
    answer.append(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = request.get(ORIGIN).filter(|origin| allowed.iter().any(|one| *one == **origin)) else {
        return;
    };
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(MAY_READ));
    // A preflight: OPTIONS, which every route answers with its methods.
    if request.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        && let Some(methods) = answer.get(ALLOW).cloned()
    {
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(MAY_SEND));
        answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(REMEMBERED));
    }
}
