//! Bodies with correct framing that are not JSON objects. `person/tests/it/bodies.rs` has the usual ones.

use super::Row;
use super::Then::GoesOn;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("a body without a type to an unknown path", b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", &[404], GoesOn),
    ("two types", b"{post}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", &[415], GoesOn),
    ("UTF-16", b"{post}Content-Length: 4\r\n\r\n{\0}\0", &[400], GoesOn),
    ("an overlong slash", b"{post}Content-Length: 9\r\n\r\n{\"\xc0\xaf\":1 }", &[400], GoesOn),
    ("a surrogate in UTF-8", b"{post}Content-Length: 10\r\n\r\n{\"\xed\xa0\x80\":1 }", &[400], GoesOn),
    ("NUL in a string", b"{post}Content-Length: 7\r\n\r\n{\"\0\":1}", &[400], GoesOn),
    ("a line feed in a string", b"{post}Content-Length: 7\r\n\r\n{\"\n\":1}", &[400], GoesOn),
    ("a comment", b"{post}Content-Length: 6\r\n\r\n{/**/}", &[400], GoesOn),
    ("NaN", b"{post}Content-Length: 9\r\n\r\n{\"a\":NaN}", &[400], GoesOn),
    ("NUL after the object", b"{post}Content-Length: 3\r\n\r\n{}\0", &[400], GoesOn),
    ("a prototype", b"{post}Content-Length: 16\r\n\r\n{\"__proto__\":{}}", &[422], GoesOn),
    ("an escaped NUL as a member's name", b"{post}Content-Length: 12\r\n\r\n{\"\\u0000\":1}", &[422], GoesOn),
];
