//! The limits of the contract, from both sides.

use super::Row;
use super::Then::{Closes, GoesOn};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("a target of 2 KiB", b"GET /<a*2047> HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("a target over 2 KiB", b"GET /<a*2048> HTTP/1.1\r\nHost: a\r\n\r\n", &[414], Closes),
    ("a query over 2 KiB", b"GET /livez?<a*2048> HTTP/1.1\r\nHost: a\r\n\r\n", &[414], Closes),
    ("a target over the limit of a head", b"GET /<a*17000> HTTP/1.1\r\nHost: a\r\n\r\n", &[431], Closes),
    ("a target over 64 KiB", b"GET /<a*70000> HTTP/1.1\r\nHost: a\r\n\r\n", &[431], Closes),
    ("a method over the limit of a head", b"<G*17000> / HTTP/1.1\r\nHost: a\r\n\r\n", &[431], Closes),
    ("a head of nearly 16 KiB", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: <a*16300>\r\n\r\n", &[200], GoesOn),
    ("a head over 16 KiB", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: <a*16384>\r\n\r\n", &[431], Closes),
    ("a head over 16 KiB in many lines", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: <a*6000>\r\nY: <a*6000>\r\nZ: <a*6000>\r\n\r\n", &[431], Closes),
    ("a field name over 16 KiB", b"GET /livez HTTP/1.1\r\nHost: a\r\n<X*16384>: x\r\n\r\n", &[431], Closes),
    ("a token over 16 KiB", b"GET /livez HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer <a*17000>\r\n\r\n", &[431], Closes),
    ("64 fields", b"GET /livez HTTP/1.1\r\nHost: a\r\n<X: y\r\n*63>\r\n", &[200], GoesOn),
    ("65 fields", b"GET /livez HTTP/1.1\r\nHost: a\r\n<X: y\r\n*64>\r\n", &[431], Closes),
    ("a thousand fields", b"GET /livez HTTP/1.1\r\nHost: a\r\n<X: y\r\n*1000>\r\n", &[431], Closes),
    ("empty lines without end", b"<\r\n*20000>", &[431], Closes),
    ("a body of 64 KiB", b"{post}Content-Length: {rest}\r\n\r\n{< *65534>}", &[422], GoesOn),
    ("an announced body of 64 KiB and one byte", b"{post}Content-Length: 65537\r\n\r\n{}", &[413], Closes),
    ("an announced body of 8 EiB", b"{post}Content-Length: 9223372036854775808\r\n\r\n{}", &[413], Closes),
    ("an announced body of 16 EiB", b"{post}Content-Length: 18446744073709551615\r\n\r\n{}", &[413], Closes),
    ("a chunk of 64 KiB", b"{post}Transfer-Encoding: chunked\r\n\r\n10000\r\n{< *65534>}\r\n0\r\n\r\n", &[422], Closes),
    ("a chunk over 64 KiB", b"{post}Transfer-Encoding: chunked\r\n\r\n10001\r\n{< *65535>}\r\n0\r\n\r\n", &[413], Closes),
    ("a chunk extension without end", b"{post}Transfer-Encoding: chunked\r\n\r\n2;<x*70000>", &[400], Closes),
    ("trailers without end", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n<X: y\r\n*20000>", &[400], Closes),
    ("16 levels of JSON", b"{post}Content-Length: {rest}\r\n\r\n{\"a\":<[*15><]*15>}", &[422], GoesOn),
    ("17 levels of JSON", b"{post}Content-Length: {rest}\r\n\r\n{\"a\":<[*16><]*16>}", &[400], GoesOn),
    ("30,000 levels of JSON", b"{post}Content-Length: {rest}\r\n\r\n{\"a\":<[*29999><]*29999>}", &[400], GoesOn),
    ("30,000 arrays that are never closed", b"{post}Content-Length: {rest}\r\n\r\n<[*30000>", &[400], GoesOn),
    ("15,000 objects that are never closed", b"{post}Content-Length: {rest}\r\n\r\n<{\"\":*15000>", &[400], GoesOn),
    ("the same member 10,000 times", b"{post}Content-Length: {rest}\r\n\r\n{<\"a\":0,*9999>\"a\":0}", &[422], GoesOn),
    ("a number of 60,000 digits", b"{post}Content-Length: {rest}\r\n\r\n{\"a\":<9*60000>}", &[422], GoesOn),
];
