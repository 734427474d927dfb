//! Targets: the four forms, paths that resemble a route, and invalid characters.

use super::Row;
use super::Then::{Closes, GoesOn};

pub(super) const ROWS: &[Row] = &[
    ("absolute form", b"GET http://a/livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form to another host", b"GET http://b:81/livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form without a path", b"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form with a query alone", b"GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n", &[400], GoesOn),
    ("absolute form of https", b"GET https://a/livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("absolute form without a host line", b"GET http://a/livez HTTP/1.1\r\n\r\n", &[400], Closes),
    ("absolute form without a host", b"GET http:///livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("asterisk form", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", &[204], GoesOn),
    ("asterisk form of a GET", b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("authority form of a GET", b"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("a scheme without slashes", b"GET http:livez HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("no slash", b"GET livez HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("no target", b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a query", b"GET /livez?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", &[400], GoesOn),
    ("an empty query", b"GET /livez? HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("a fragment", b"GET /livez#top HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("an empty fragment", b"GET /livez# HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a byte that is not UTF-8", b"GET /livez\xff HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("an escape character", b"GET /livez\x1b HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("delete", b"GET /livez\x7f HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
];

/// Paths that resemble a route. Each is 404: a proxy that filters paths must not meet a service that reads more into
/// them.
pub(super) const NEAR: &str = "\
    //livez /livez/ /livez// /./livez /livez/. /../livez /x/../livez /livez/.. /%6civez
    /%6Civez /livez%00 /livez%20 /livez%2f /livez%0d%0aX:y /livez%3fx /%2e%2e/livez
    /%252e%252e/livez /livez;x /livez;x=y /livez. /livez.json /LIVEZ /Livez /livez% /livez%zz
    /livez%c0%af /livez%u002f /liv\u{e9}z /\u{ff0e}\u{ff0e}/livez /$livez /~livez
    /livez,/livez /livez:80 /livez@a /problems/ /problems/.. /problems/%2e%2e /problems/x/y
    /problems/a%62";
