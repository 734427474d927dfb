//! The length of a body: given twice, wrong, or in a form that another server would read differently.

use super::Row;
use super::Then::{Closes, GoesOn, IsCut};

pub(super) const ROWS: &[Row] = &[
    // Both ways at once: CL.TE and TE.CL.
    ("CL.TE", b"{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("TE.CL", b"{post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{hex}\r\n{create}\r\n0\r\n\r\n", &[400], Closes),
    ("CL.TE without a token", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("CL.TE on a GET", b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a length of 0 beside chunks", b"{post}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n{hex}\r\n{create}\r\n0\r\n\r\n", &[400], Closes),
    // TE.TE: codings that only some servers accept.
    ("xchunked", b"{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("identity", b"{post}Transfer-Encoding: identity\r\n\r\n{create}", &[400], Closes),
    ("gzip", b"{post}Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("an empty coding", b"{post}Transfer-Encoding:\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a quoted coding", b"{post}Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("chunked, then another", b"{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("chunked, then another line", b"{post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a vertical tab before chunked", b"{post}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a space before the colon", b"{post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a folded coding", b"{post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a coding after a bare line feed", b"{post}X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("chunked in HTTP/1.0", b"POST /livez HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{create}", &[400], Closes),
    ("an underscore is no hyphen", b"{post}Transfer_Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", &[422], GoesOn),
    // Lengths that disagree.
    ("two lengths", b"{post}Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{create}", &[400], Closes),
    ("two lengths, the other way", b"{post}Content-Length: {length}\r\nContent-Length: 0\r\n\r\n{create}", &[400], Closes),
    ("a list of lengths", b"{post}Content-Length: 0, {length}\r\n\r\n{create}", &[400], Closes),
    ("the same length twice in a line", b"{post}Content-Length: 2, 2\r\n\r\n{}", &[400], Closes),
    ("the same length in two lines", b"{post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", &[422], GoesOn),
    // Invalid lengths.
    ("a plus", b"{post}Content-Length: +2\r\n\r\n{}{create}", &[400], Closes),
    ("a minus", b"{post}Content-Length: -2\r\n\r\n{}{create}", &[400], Closes),
    ("minus zero", b"{post}Content-Length: -0\r\n\r\n{create}", &[400], Closes),
    ("hexadecimal", b"{post}Content-Length: 0x2\r\n\r\n{}{create}", &[400], Closes),
    ("a fraction", b"{post}Content-Length: 2.0\r\n\r\n{}{create}", &[400], Closes),
    ("an exponent", b"{post}Content-Length: 2e0\r\n\r\n{}{create}", &[400], Closes),
    ("two numbers", b"{post}Content-Length: 2 2\r\n\r\n{}{create}", &[400], Closes),
    ("an underscore", b"{post}Content-Length: 1_0\r\n\r\n{}{create}", &[400], Closes),
    ("a letter", b"{post}Content-Length: 2a\r\n\r\n{}{create}", &[400], Closes),
    ("quotes", b"{post}Content-Length: \"2\"\r\n\r\n{}{create}", &[400], Closes),
    ("an empty length", b"{post}Content-Length:\r\n\r\n{create}", &[400], Closes),
    ("a digit beyond ASCII", b"{post}Content-Length: \xd9\xa2\r\n\r\n{}{create}", &[400], Closes),
    ("more than 64 bits", b"{post}Content-Length: 18446744073709551618\r\n\r\n{}{create}", &[400], Closes),
    ("a space before the colon of the length", b"{post}Content-Length : {length}\r\n\r\n{create}", &[400], Closes),
    ("a tab before the colon of the length", b"{post}Content-Length\t: {length}\r\n\r\n{create}", &[400], Closes),
    ("a folded length", b"{post}Content-Length:\r\n {length}\r\n\r\n{create}", &[400], Closes),
    // Valid lengths.
    ("leading zeros", b"{post}Content-Length: 0002\r\n\r\n{}", &[422], GoesOn),
    ("white space around", b"{post}Content-Length: \t 2 \t\r\n\r\n{}", &[422], GoesOn),
    ("in capitals", b"{post}CONTENT-LENGTH: 2\r\n\r\n{}", &[422], GoesOn),
    ("no body at all", b"{post}\r\n", &[400], GoesOn),
    ("an empty body", b"{post}Content-Length: 0\r\n\r\n", &[400], GoesOn),
    // A body counts as a body even if the operation takes none.
    ("a request in the body of a GET", b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{create}", &[200], GoesOn),
    ("a request in the body of a HEAD", b"HEAD /livez HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{create}", &[200], GoesOn),
    ("a request in the body of OPTIONS", b"OPTIONS /livez HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{create}", &[204], GoesOn),
    ("a request in the body to an unknown path", b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{create}", &[404], GoesOn),
    ("a request in the body of another method", b"DELETE /livez HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{create}", &[405], GoesOn),
    ("a request as the body", b"{post}Content-Length: {length}\r\n\r\n{create}", &[400], GoesOn),
    // Requests cut short.
    ("a body cut short", b"{post}Content-Length: 99\r\n\r\n{\"", &[400], IsCut),
    ("a missing body", b"{post}Content-Length: 99\r\n\r\n", &[400], IsCut),
    ("a head cut short", b"{post}Content-Len", &[], IsCut),
    ("a request line cut short", b"GET /liv", &[], IsCut),
    ("nothing", b"", &[], IsCut),
    ("a request and half of one", b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /li", &[200], IsCut),
];
