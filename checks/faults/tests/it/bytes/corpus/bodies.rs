//! Bodies, whole and framed soundly, that are no JSON, no object, or not called what they are.

use super::Row;
use super::Then::GoesOn;

pub(super) const ROWS: &[Row] = &[
    // What the head says of them.
    ("no type", b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", &[404], GoesOn),
    ("two types", b"{post}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", &[415], GoesOn),
    (
        "the same type twice",
        b"{post}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        &[415],
        GoesOn,
    ),
    // JSON that is none.
    ("a byte order mark", b"{post}Content-Length: 5\r\n\r\n\xef\xbb\xbf{}", &[400], GoesOn),
    ("UTF-16", b"{post}Content-Length: 4\r\n\r\n{\0}\0", &[400], GoesOn),
    ("bytes that are no UTF-8", b"{post}Content-Length: 8\r\n\r\n{\"\xff\":1 }", &[400], GoesOn),
    ("a slash in too many bytes", b"{post}Content-Length: 9\r\n\r\n{\"\xc0\xaf\":1 }", &[400], GoesOn),
    ("a surrogate in UTF-8", b"{post}Content-Length: 10\r\n\r\n{\"\xed\xa0\x80\":1 }", &[400], GoesOn),
    ("half a surrogate", b"{post}Content-Length: 12\r\n\r\n{\"\\ud800\":1}", &[400], GoesOn),
    ("NUL in a string", b"{post}Content-Length: 7\r\n\r\n{\"\0\":1}", &[400], GoesOn),
    ("a line feed in a string", b"{post}Content-Length: 7\r\n\r\n{\"\n\":1}", &[400], GoesOn),
    ("a comma too many", b"{post}Content-Length: 8\r\n\r\n{\"a\":1,}", &[400], GoesOn),
    ("a comment", b"{post}Content-Length: 6\r\n\r\n{/**/}", &[400], GoesOn),
    ("no number", b"{post}Content-Length: 9\r\n\r\n{\"a\":NaN}", &[400], GoesOn),
    ("something after it", b"{post}Content-Length: 4\r\n\r\n{}{}", &[400], GoesOn),
    ("NUL after it", b"{post}Content-Length: 3\r\n\r\n{}\0", &[400], GoesOn),
    ("an array", b"{post}Content-Length: 2\r\n\r\n[]", &[400], GoesOn),
    ("text", b"{post}Content-Length: 2\r\n\r\n\"\"", &[400], GoesOn),
    ("null", b"{post}Content-Length: 4\r\n\r\nnull", &[400], GoesOn),
    // JSON that says too much.
    ("a member twice", b"{post}Content-Length: 13\r\n\r\n{\"a\":1,\"a\":1}", &[422], GoesOn),
    (
        "a member twice, spelled otherwise",
        b"{post}Content-Length: 18\r\n\r\n{\"a\":1,\"\\u0061\":1}",
        &[422],
        GoesOn,
    ),
    ("a number past all", b"{post}Content-Length: 13\r\n\r\n{\"a\":1e99999}", &[422], GoesOn),
    ("a prototype", b"{post}Content-Length: 16\r\n\r\n{\"__proto__\":{}}", &[422], GoesOn),
    ("NUL, escaped", b"{post}Content-Length: 12\r\n\r\n{\"\\u0000\":1}", &[422], GoesOn),
];
