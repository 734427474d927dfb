//! Request lines: line ends, separators, versions, methods.

use super::Row;
use super::Then::{Closes, GoesOn};

pub(super) const ROWS: &[Row] = &[
    // Line ends.
    ("bare line feeds", b"GET /livez HTTP/1.1\nHost: a\n\n", &[400], Closes),
    ("a bare line feed after the request line", b"GET /livez HTTP/1.1\nHost: a\r\n\r\n", &[400], Closes),
    ("a bare line feed after a field", b"GET /livez HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", &[400], Closes),
    ("a bare line feed at the end of a head", b"GET /livez HTTP/1.1\r\nHost: a\r\n\n", &[400], Closes),
    ("a bare carriage return after the request line", b"GET /livez HTTP/1.1\rHost: a\r\n\r\n", &[400], Closes),
    ("a bare carriage return in a field", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n", &[400], Closes),
    ("two carriage returns", b"GET /livez HTTP/1.1\r\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a line feed and a carriage return", b"GET /livez HTTP/1.1\n\rHost: a\n\r\n\r", &[400], Closes),
    ("empty lines before a request", b"\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("an empty line between two requests", b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200, 200], GoesOn),
    ("a space before the request line", b" GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    // Separators.
    ("two spaces", b"GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("two spaces before the version", b"GET /livez  HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("tabs", b"GET\t/livez\tHTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a space at the end", b"GET /livez HTTP/1.1 \r\nHost: a\r\n\r\n", &[400], Closes),
    ("a vertical tab", b"GET\x0b/livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a space in the target", b"GET /live z HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a second request line", b"GET /livez HTTP/1.1\r\nGET /readyz HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    // Versions.
    ("HTTP/0.9", b"GET /livez\r\n\r\n", &[400], Closes),
    ("HTTP/1.0", b"GET /livez HTTP/1.0\r\nHost: a\r\n\r\n", &[200], Closes),
    ("HTTP/1.0 with keep-alive", b"GET /livez HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", &[200], GoesOn),
    ("HTTP/1.2", b"GET /livez HTTP/1.2\r\nHost: a\r\n\r\n", &[400], Closes),
    ("HTTP/2.0", b"GET /livez HTTP/2.0\r\nHost: a\r\n\r\n", &[400], Closes),
    ("HTTP/1", b"GET /livez HTTP/1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("HTTP/1.01", b"GET /livez HTTP/1.01\r\nHost: a\r\n\r\n", &[400], Closes),
    ("HTTP/01.1", b"GET /livez HTTP/01.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("http/1.1", b"GET /livez http/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("another protocol", b"GET /livez RTSP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[400], Closes),
    ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", &[400], Closes),
    ("an SSH greeting", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", &[400], Closes),
    ("a SOCKS greeting", b"\x05\x01\x00\r\n\r\n", &[400], Closes),
    ("text", b"{\"name\": \"Ada\"}\r\n\r\n", &[400], Closes),
    // Methods.
    ("a method in lower case", b"get /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[405], GoesOn),
    ("an unknown method", b"BREW /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[405], GoesOn),
    ("an unknown method to an unknown path", b"BREW /nothing HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("a method of odd characters", b"M-SEARCH!#$%&'*+-.^_`|~ /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[405], GoesOn),
    ("a method that is not a token", b"GE(T /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("a method beyond ASCII", b"G\xc3\x89T /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("no method", b" /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[400], Closes),
    ("HEAD", b"HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[200], GoesOn),
    ("HEAD of an unknown path", b"HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n", &[404], GoesOn),
    ("OPTIONS", b"OPTIONS /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[204], GoesOn),
    ("TRACE", b"TRACE /livez HTTP/1.1\r\nHost: a\r\n\r\n{create}", &[405], Closes),
    ("TRACE in lower case", b"trace /livez HTTP/1.1\r\nHost: a\r\n\r\n", &[405], GoesOn),
    ("CONNECT", b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n{create}", &[405], Closes),
    ("CONNECT to a path", b"CONNECT /livez HTTP/1.1\r\nHost: a\r\n\r\n{create}", &[405], Closes),
    // Several requests in one segment.
    ("ten requests at once", b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n{post}Content-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\nPUT / HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /problems HTTP/1.1\r\nHost: a\r\n\r\n", &[200, 200, 404, 200, 422, 200, 200, 405, 200, 200], GoesOn),
    ("a bad head after a good one", b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n{create}", &[200, 400], Closes),
    ("an ambiguous length after a good head", b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n{post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{create}", &[200, 400], Closes),
    ("a request after close", b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n{create}", &[200], Closes),
];
