//! Conditional requests (RFC 9110 section 13): `If-Match` on writes, `If-None-Match` on reads.
//!
//! An entity tag is the number of a version in quotes, always strong.

use hyper::StatusCode;
use hyper::header::{self, HeaderValue};

use crate::problem::{PRECONDITION_FAILED, Problem};
use crate::{Reply, Request};

/// A version as an `ETag`.
fn tag(version: u64) -> String {
    format!("\"{version}\"")
}

/// What `If-Match` demands of a write: that one of these versions is the current one.
#[derive(Debug, Clone, Default)]
pub struct Precondition(Option<String>);

impl Precondition {
    /// Reads it off a request; without the header every version will do.
    pub fn of(request: &Request) -> Self {
        Self(request.header(header::IF_MATCH))
    }

    /// Whether a write to this version may go on. The comparison is strong: a weak tag never matches.
    pub fn allows(&self, version: u64) -> bool {
        self.0.as_deref().is_none_or(|wanted| lists(wanted, &tag(version), false))
    }

    /// The answer where it may not.
    pub fn failed() -> Problem {
        Problem::new(&PRECONDITION_FAILED, "The version that is stored is not the one in `If-Match`.")
    }
}

/// Adds the `ETag`; answers a GET whose `If-None-Match` lists it with 304 and no body.
pub fn fresh_or_not_modified(request: &Request, version: u64, reply: impl FnOnce() -> Reply) -> Reply {
    let reply = match request.header(header::IF_NONE_MATCH) {
        Some(known) if lists(&known, &tag(version), true) => Reply::empty(StatusCode::NOT_MODIFIED),
        _ => reply(),
    };
    with_etag(reply, version)
}

/// Adds the `ETag` of a version.
pub fn with_etag(reply: Reply, version: u64) -> Reply {
    reply
        .header(header::ETAG, HeaderValue::try_from(tag(version)).expect("a quoted number is a header value"))
}

/// Whether a list of entity tags, or `*`, holds this one. `W/` counts only where a weak comparison will do.
fn lists(list: &str, tag: &str, weak: bool) -> bool {
    let strip = |item: &'_ str| {
        if weak { item.strip_prefix("W/").unwrap_or(item).to_owned() } else { item.to_owned() }
    };
    list.trim() == "*" || list.split(',').any(|item| strip(item.trim()) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_as_rfc_9110_says() {
        for (list, strong, weak) in [
            ("\"5\"", true, true),
            ("\"4\", \"5\"", true, true),
            ("*", true, true),
            ("W/\"5\"", false, true),
            ("\"55\"", false, false),
            ("5", false, false),
            ("", false, false),
        ] {
            assert_eq!(lists(list, &tag(5), false), strong, "{list}");
            assert_eq!(lists(list, &tag(5), true), weak, "{list}");
        }
    }
}
