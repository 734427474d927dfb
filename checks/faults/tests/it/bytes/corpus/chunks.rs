//! Bodies in chunks. The service closes the connection after such a body: nothing that follows is answered.

use super::Row;
use super::Then::{Closes, IsCut};

pub(super) const ROWS: &[Row] = &[
    ("one chunk", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", &[422], Closes),
    ("a chunk for each byte", b"{post}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", &[422], Closes),
    ("only the last chunk", b"{post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[400], Closes),
    ("a coding in capitals", b"{post}Transfer-Encoding: CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n", &[422], Closes),
    ("white space before the coding", b"{post}Transfer-Encoding:\t chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", &[422], Closes),
    ("leading zeros", b"{post}Transfer-Encoding: chunked\r\n\r\n0002\r\n{}\r\n000\r\n\r\n", &[422], Closes),
    ("digits in capitals", b"{post}Transfer-Encoding: chunked\r\n\r\nA\r\n{        }\r\n0\r\n\r\n", &[422], Closes),
    ("extensions", b"{post}Transfer-Encoding: chunked\r\n\r\n2;a;b=c;d=\"e\"\r\n{}\r\n0;f\r\n\r\n", &[422], Closes),
    ("a trailer", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n", &[422], Closes),
    ("a trailer with a length", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: {length}\r\n\r\n{create}", &[422], Closes),
    ("a trailer with a token", b"POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: x\r\n\r\n{create}", &[405], Closes),
    ("a request after the last chunk", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n{create}", &[422], Closes),
    ("a request in a chunk", b"{post}Transfer-Encoding: chunked\r\n\r\n{hex}\r\n{create}\r\n0\r\n\r\n", &[400], Closes),
    ("chunks on a GET", b"GET /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{hex}\r\n{create}\r\n0\r\n\r\n", &[200], Closes),
    ("chunks on a HEAD", b"HEAD /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{hex}\r\n{create}\r\n0\r\n\r\n", &[200], Closes),
    ("chunks to an unknown path", b"POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{hex}\r\n{create}\r\n0\r\n\r\n", &[404], Closes),
    // Invalid sizes.
    ("an empty size", b"{post}Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a size with 0x", b"{post}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a size with a plus", b"{post}Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a size with a minus", b"{post}Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a size that is a word", b"{post}Transfer-Encoding: chunked\r\n\r\nzwei\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a size over 64 bits", b"{post}Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a size of 2^64 - 1", b"{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n{create}", &[400], IsCut),
    ("a size that ends with a line feed", b"{post}Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a line feed in an extension", b"{post}Transfer-Encoding: chunked\r\n\r\n2;a\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a carriage return alone", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a space behind a size", b"{post}Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a tab behind the last size", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\t\r\n\r\n{create}", &[400], Closes),
    ("a space before an extension", b"{post}Transfer-Encoding: chunked\r\n\r\n2 ;a\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a NUL in an extension", b"{post}Transfer-Encoding: chunked\r\n\r\n2;\0\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    // The end of the body.
    ("a line feed behind the last chunk", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\n{create}", &[400], Closes),
    ("a last size that ends with a line feed", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\n\r\n{create}", &[400], Closes),
    ("a trailer that ends with a line feed", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\n\r\n{create}", &[400], Closes),
    ("a line feed behind a trailer", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\n{create}", &[400], Closes),
    ("a carriage return in a trailer", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\rZ: z\r\n\r\n{create}", &[400], Closes),
    // Chunks longer or shorter than their size.
    ("a chunk too long", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a chunk too short", b"{post}Transfer-Encoding: chunked\r\n\r\n3\r\n{}\r\n0\r\n\r\n{create}", &[400], Closes),
    ("a chunk without its end", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n{create}", &[400], Closes),
    ("a chunk that ends with a line feed", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n{create}", &[400], Closes),
    ("chunks cut short", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{", &[400], IsCut),
    ("no last chunk", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", &[400], IsCut),
    ("a last chunk without its end", b"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", &[400], IsCut),
];
