//! Field lines: names and values, `Host`, and the fields that change the connection (`Upgrade`, `Expect`).

use super::Row;
use super::Then::{Closes, GoesOn, IsCut};

pub(super) const ROWS: &[Row] = &[
    // The syntax of a line.
    ("no colon", b"GET /livez HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", &[400], Closes),
    ("no name", b"GET /livez HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", &[400], Closes),
    ("a space before the colon", b"GET /livez HTTP/1.1\r\nHost : a\r\n\r\n", &[400], Closes),
    ("a space in a name", b"GET /livez HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n", &[400], Closes),
    ("a space before the first name", b"GET /livez HTTP/1.1\r\n Host: a\r\n\r\n", &[400], Closes),
    ("a folded value", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", &[400], Closes),
    ("a value folded with a tab", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n", &[400], Closes),
    ("a name beyond ASCII", b"GET /livez HTTP/1.1\r\nHost: a\r\n\xc3\xa9: y\r\n\r\n", &[400], Closes),
    ("a value beyond ASCII", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\xff\r\n\r\n", &[200], GoesOn),
    ("an empty value", b"GET /livez HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", &[200], GoesOn),
    ("tabs in a value", b"GET /livez HTTP/1.1\r\nHost: a\r\nX:\ty\tz\t\r\n\r\n", &[200], GoesOn),
    ("NUL in a name", b"GET /livez HTTP/1.1\r\nHost: a\r\nX\0: y\r\n\r\n", &[400], Closes),
    ("NUL in a value", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", &[400], Closes),
    ("NUL in the request line", b"GET /livez\0 HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("NUL before the request line", b"\0GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("an escape character in a value", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: \x1b[31m\r\n\r\n", &[400], Closes),
    ("delete in a value", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", &[400], Closes),
    // `Host`.
    ("no host", b"GET /livez HTTP/1.1\r\n\r\n{create}", &[400], Closes),
    ("no host in HTTP/1.0", b"GET /livez HTTP/1.0\r\n\r\n{create}", &[200], Closes),
    ("two hosts", b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n{create}", &[400], Closes),
    ("two hosts that differ", b"GET /livez HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n{create}", &[400], Closes),
    ("an empty host", b"GET /livez HTTP/1.1\r\nHost:\r\n\r\n", &[200], GoesOn),
    ("a host with a port", b"GET /livez HTTP/1.1\r\nHost: a:5001\r\n\r\n", &[200], GoesOn),
    ("a host that is an IPv6 address", b"GET /livez HTTP/1.1\r\nHost: [::1]:5001\r\n\r\n", &[200], GoesOn),
    // RFC 9112, section 3.2: 400 for "a Host header field with an invalid field value".
    ("two hosts in a line", b"GET /livez HTTP/1.1\r\nHost: a, b\r\n\r\n{create}", &[400], Closes),
    ("a host with a space", b"GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n{create}", &[400], Closes),
    ("a host with a path", b"GET /livez HTTP/1.1\r\nHost: a/livez\r\n\r\n{create}", &[400], Closes),
    ("a host with a user", b"GET /livez HTTP/1.1\r\nHost: b@a\r\n\r\n{create}", &[400], Closes),
    ("a host with a scheme", b"GET /livez HTTP/1.1\r\nHost: http://a\r\n\r\n{create}", &[400], Closes),
    ("a host beyond ASCII", b"GET /livez HTTP/1.1\r\nHost: \xff\r\n\r\n{create}", &[400], Closes),
    ("a host with an invalid port", b"GET /livez HTTP/1.1\r\nHost: a:b\r\n\r\n{create}", &[400], Closes),
    // Fields that change the connection, and fields that other servers obey.
    ("an upgrade to WebSocket", b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", &[200], GoesOn),
    ("an upgrade to HTTP/2", b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", &[200], GoesOn),
    ("close among others", b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n{create}", &[200], Closes),
    ("Connection: Content-Length", b"{post}Connection: Content-Length\r\nContent-Length: 2\r\n\r\n{}", &[422], GoesOn),
    ("Connection: Authorization", b"{post}Connection: Authorization\r\nContent-Length: 2\r\n\r\n{}", &[422], GoesOn),
    ("an expectation", b"{post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", &[100, 422], GoesOn),
    ("an expectation before half a body", b"{post}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n{}", &[100, 400], IsCut),
    ("a range", b"GET /livez HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\n\r\n", &[200], GoesOn),
    ("another method by header", b"GET /livez HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: DELETE\r\n\r\n", &[200], GoesOn),
    ("another path by header", b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Original-URL: /metrics\r\n\r\n", &[200], GoesOn),
    ("an invalid trace", b"GET /livez HTTP/1.1\r\nHost: a\r\ntraceparent: 00-\xff\r\n\r\n", &[200], GoesOn),
    ("two traces", b"GET /livez HTTP/1.1\r\nHost: a\r\ntraceparent: x\r\ntraceparent: y\r\n\r\n", &[200], GoesOn),
];
