//! Conditional requests (RFC 9110 section 13): `If-Match` and `If-None-Match`, in the order of section 13.2.2.
//!
//! An entity tag is a version number in quotes, and always strong.

use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::Reply;
use crate::problem::{PRECONDITION_FAILED, Problem};

/// The preconditions of a request, parsed.
#[derive(Debug, Clone, Default)]
pub struct Precondition {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// The value of one of the two headers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    /// `*`: any version.
    Any,
    /// The listed tags that this service can have issued.
    List(Vec<Tag>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag {
    version: u64,
    weak: bool,
}

impl Precondition {
    /// Parses the headers of a request.
    pub(crate) fn parse(headers: &HeaderMap) -> Self {
        let tags = |name| Tags::of_lines(headers, name);
        Self { if_match: tags(header::IF_MATCH), if_none_match: tags(header::IF_NONE_MATCH) }
    }

    /// Returns whether a write to this version may proceed.
    pub fn allows(&self, version: u64) -> bool {
        self.matches(version) && !self.excludes(version)
    }

    /// Returns the problem for a request that may not proceed.
    pub fn failed() -> Problem {
        let detail = "The stored version does not meet the request's `If-Match` or `If-None-Match`.";
        Problem::new(&PRECONDITION_FAILED, detail)
    }

    /// Answers a read with `reply`, or with 304 and no body if `If-None-Match` lists the version. Adds the `ETag`.
    ///
    /// # Errors
    /// Returns the problem for a version that `If-Match` does not list.
    pub fn answer_read(&self, version: u64, reply: impl FnOnce() -> Reply) -> Result<Reply, Problem> {
        if !self.matches(version) {
            return Err(Self::failed());
        }
        let not_modified = self.excludes(version);
        Ok(with_etag(if not_modified { Reply::empty(StatusCode::NOT_MODIFIED) } else { reply() }, version))
    }

    /// Returns whether `If-Match` lists a version. The comparison is strong: a weak tag never matches.
    fn matches(&self, version: u64) -> bool {
        self.if_match.as_ref().is_none_or(|tags| tags.contain(version, false))
    }

    /// Returns whether `If-None-Match` lists a version.
    fn excludes(&self, version: u64) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| tags.contain(version, true))
    }
}

/// Adds the `ETag` of a version.
pub fn with_etag(reply: Reply, version: u64) -> Reply {
    let tag = HeaderValue::try_from(format!("\"{version}\"")).expect("a quoted number is a header value");
    reply.header(header::ETAG, tag)
}

impl Tags {
    /// Parses all lines of a header, which RFC 9110 section 5.3 lets a client split; returns `None` if it is missing.
    fn of_lines(headers: &HeaderMap, name: HeaderName) -> Option<Self> {
        let lines: Vec<_> =
            headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        (!lines.is_empty()).then(|| Self::parse(&lines.join(",")))
    }

    fn parse(list: &str) -> Self {
        if list.trim() == "*" {
            return Self::Any;
        }
        Self::List(list.split(',').filter_map(Tag::parse).collect())
    }

    /// Returns whether the tags contain a version; a weak tag counts only in a weak comparison.
    fn contain(&self, version: u64, weak: bool) -> bool {
        match self {
            Self::Any => true,
            Self::List(tags) => tags.iter().any(|tag| tag.version == version && (weak || !tag.weak)),
        }
    }
}

impl Tag {
    /// Parses a tag; returns `None` for one that is not a version number, as no service here issues such a tag.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (opaque, weak) = text.strip_prefix("W/").map_or((text, false), |rest| (rest, true));
        let version: u64 = opaque.strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
        // One spelling for each version: `"05"` is another tag than `"5"`.
        (opaque == format!("\"{version}\"")).then_some(Self { version, weak })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_as_rfc_9110_says() {
        for (list, strong, weak) in [
            ("\"5\"", true, true),
            ("\"4\", \"5\"", true, true),
            ("\"x\",, \"5\"", true, true),
            ("\"é\", \"5\"", true, true),
            ("*", true, true),
            ("W/\"5\"", false, true),
            ("\"55\"", false, false),
            ("\"05\"", false, false),
            ("\"+5\"", false, false),
            ("5", false, false),
            ("", false, false),
        ] {
            assert_eq!(Tags::parse(list).contain(5, false), strong, "{list}");
            assert_eq!(Tags::parse(list).contain(5, true), weak, "{list}");
        }
    }

    #[test]
    fn header_lines_are_one_list_whatever_their_bytes() {
        let mut headers = HeaderMap::new();
        headers.append(header::IF_MATCH, HeaderValue::from_bytes(b"\"\xff\", \"4\"").unwrap());
        headers.append(header::IF_MATCH, HeaderValue::from_static("\"5\""));
        let precondition = Precondition::parse(&headers);
        assert!(precondition.allows(4) && precondition.allows(5) && !precondition.allows(6));
    }
}
