//! What is asked for: the four forms of a target, paths that look like others, and characters that belong in none.

use super::Then::{Closes, GoesOn};
use super::{Entry, Row};

pub(super) const ROWS: &[Row] = &[
    ("absolute form", b"GET http://a/livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form to another host", b"GET http://b:81/livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form without a path", b"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form with a query alone", b"GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n", &[400], GoesOn),
    ("absolute form of https", b"GET https://a/livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form without a host line", b"GET http://a/livez HTTP/1.1\r\n\r\n", &[400], Closes),
    ("absolute form without a host", b"GET http:///livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("asterisk form", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("asterisk form of a GET", b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("authority form of a GET", b"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("a scheme without slashes", b"GET http:livez HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("no slash", b"GET livez HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("no target", b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a query", b"GET /livez?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", &[400], GoesOn),
    ("an empty query", b"GET /livez? HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("bytes that are no UTF-8", b"GET /livez\xff HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("an escape character", b"GET /livez\x1b HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("delete", b"GET /livez\x7f HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
];

/// Paths that are near one that there is. None of them is it: who filters paths in front of a service must not be
/// fooled by a service that reads more into them.
const NEAR: &[&str] = &[
    "//livez",
    "/livez/",
    "/livez//",
    "/./livez",
    "/livez/.",
    "/../livez",
    "/x/../livez",
    "/livez/..",
    "/%6civez",
    "/%6Civez",
    "/livez%00",
    "/livez%20",
    "/livez%2f",
    "/livez%0d%0aX:y",
    "/livez%3fx",
    "/%2e%2e/livez",
    "/%252e%252e/livez",
    "/livez;x",
    "/livez;x=y",
    "/livez.",
    "/livez.json",
    "/LIVEZ",
    "/Livez",
    "/livez%",
    "/livez%zz",
    "/livez%c0%af",
    "/livez%u002f",
    "/liv\u{e9}z",
    "/\u{ff0e}\u{ff0e}/livez",
    "/$livez",
    "/~livez",
    "/livez,/livez",
    "/livez:80",
    "/livez@a",
    "/problems/",
    "/problems/..",
    "/problems/%2e%2e",
    "/problems/x/y",
    "/problems/a%62",
];

/// A request for each of those paths.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    NEAR.iter().map(|path| Entry {
        what: format!("the path {path}"),
        bytes: format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes(),
        answers: vec![404],
        then: GoesOn,
    })
}
