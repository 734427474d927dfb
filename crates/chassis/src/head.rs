//! The rules for a request head that hyper does not enforce.

use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, Version};

use crate::framing::REFUSED_CODING;
use crate::problem::{BAD_REQUEST, Problem, TARGET_TOO_LONG, UNSUPPORTED_TRANSFER_CODING};

/// The targets of the services have some 40 bytes, and few proxies carry much longer ones.
const TARGET_LIMIT: usize = 2048;

/// Checks the `Host` header, the transfer coding, the length of the target and the method.
pub(crate) fn check(head: &Parts) -> Result<(), Problem> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let valid = match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host),
        // RFC 9112 section 3.2 requires it in HTTP/1.1 only.
        (None, _) => head.version == Version::HTTP_10,
        _ => false,
    };
    if !valid {
        let detail = "Send the Host header exactly once; its value is a host and an optional port.";
        return Err(Problem::new(&BAD_REQUEST, detail).closing());
    }
    // `framing` adds it to a head whose coding it refuses.
    if head.headers.get_all(header::TRANSFER_ENCODING).iter().any(|coding| coding == REFUSED_CODING) {
        let detail = "Send the body with a Content-Length, or with `Transfer-Encoding: chunked` alone.";
        return Err(Problem::new(&UNSUPPORTED_TRANSFER_CODING, detail).closing());
    }
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > TARGET_LIMIT {
        return Err(Problem::new(&TARGET_TOO_LONG, "The request target is over 2,048 bytes.").closing());
    }
    if matches!(head.method, Method::CONNECT | Method::TRACE) {
        return Err(Problem::method_not_allowed("").closing());
    }
    Ok(())
}

/// Returns whether the value is a host with an optional port (RFC 9112 section 3.2). Two servers in a row may read any
/// other value, such as one with a user, a path or two hosts, differently. The value is empty if the target has no host.
fn is_host(value: &HeaderValue) -> bool {
    let authority = Authority::try_from(value.as_bytes());
    let port = |authority: &Authority| authority.as_str().strip_prefix(authority.host()).map(str::to_owned);
    value.is_empty()
        || authority.ok().as_ref().and_then(port).is_some_and(|port| {
            port.is_empty()
                || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
        })
}
