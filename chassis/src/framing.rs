//! What hyper lets pass and we do not: a line that ends without a carriage return, and `Content-Length` beside
//! `Transfer-Encoding`. Both make two parsers in a row see different requests (request smuggling), and hyper
//! tells neither to its service. The preface of HTTP/2 is refused here too: hyper says nothing to it, or 400,
//! as its bytes happen to come.
//!
//! So the bytes are looked at on their way to hyper's parser. Where a head is bad its end is withheld and a
//! NUL byte put in its place, which no head may hold: hyper then answers 400 and closes, as it does for
//! every head that it cannot read. An end of ours follows, for hyper looks at a head that came in parts only once
//! it is whole, and would wait for the one that was withheld.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;

/// As much as hyper wants at a time.
const CHUNK: usize = 8 * 1024;

/// What stands in the place of a bad head's end.
const REFUSAL: &[u8] = b"\0\r\n\r\n";

/// A connection whose heads are looked at.
pub(crate) struct Framed {
    stream: TokioIo<TcpStream>,
    place: Place,
    chunk: Box<[u8; CHUNK]>,
}

/// What the next byte from the client is part of.
enum Place {
    /// A head; these are its bytes so far.
    Head(Vec<u8>),
    /// A body of which this many bytes are to come.
    Body(u64),
    /// A chunked body, or garbage: nothing is looked at any more. The connection ends with this request.
    Rest,
}

impl Framed {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream: TokioIo::new(stream), place: Place::Head(Vec::new()), chunk: Box::new([0; CHUNK]) }
    }
}

impl Place {
    /// Goes through what came, and returns how much of it may be passed on and whether the refusal is to follow.
    fn pass(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut passed = 0;
        while passed < bytes.len() {
            match self {
                Self::Rest => return (bytes.len(), false),
                Self::Body(left) => {
                    let here = (*left).min((bytes.len() - passed) as u64);
                    *left -= here;
                    passed += usize::try_from(here).expect("at most a chunk");
                    if *left == 0 {
                        *self = Self::Head(Vec::new());
                    }
                }
                Self::Head(head) => {
                    let Some(end) = bytes[passed..].iter().position(|b| *b == b'\n') else {
                        head.extend_from_slice(&bytes[passed..]);
                        return (bytes.len(), false);
                    };
                    head.extend_from_slice(&bytes[passed..=passed + end]);
                    if !head.ends_with(b"\r\n") {
                        *self = Self::Rest;
                        return (passed, true);
                    }
                    // An empty line ends the head; before the request line it counts for nothing.
                    if *head == b"\r\n" {
                        head.clear();
                    } else if head.ends_with(b"\r\n\r\n") {
                        match body_after(head) {
                            Some(next) => *self = next,
                            None => {
                                *self = Self::Rest;
                                return (passed, true);
                            }
                        }
                    }
                    passed += end + 1;
                }
            }
        }
        (passed, false)
    }
}

/// What follows a head; `None` where it is HTTP/2's, or names two ways to tell the body's length.
fn body_after(head: &[u8]) -> Option<Place> {
    if head.starts_with(b"PRI * HTTP/2.0\r\n") {
        return None;
    }
    let (mut length, mut chunked) = (None, false);
    for line in head.split(|b| *b == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        chunked |= name.eq_ignore_ascii_case(b"transfer-encoding");
        if name.eq_ignore_ascii_case(b"content-length") {
            // One that is no number is hyper's to refuse, and ends the connection.
            length = Some(std::str::from_utf8(value).ok().and_then(|value| value.parse::<u64>().ok()));
        }
    }
    match (length, chunked) {
        (Some(_), true) => None,
        (Some(Some(0)) | None, false) => Some(Place::Head(Vec::new())),
        (Some(Some(length)), false) => Some(Place::Body(length)),
        (Some(None), false) | (None, true) => Some(Place::Rest),
    }
}

impl Read for Framed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // Some bytes are kept back for the refusal; hyper has room for thousands.
        let room = cursor.remaining().saturating_sub(REFUSAL.len()).clamp(1, CHUNK);
        let mut buffer = ReadBuf::new(&mut this.chunk[..room]);
        ready!(Pin::new(this.stream.inner_mut()).poll_read(cx, &mut buffer))?;
        let (passed, refused) = this.place.pass(buffer.filled());
        cursor.put_slice(&buffer.filled()[..passed]);
        if refused && cursor.remaining() >= REFUSAL.len() {
            cursor.put_slice(REFUSAL);
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Framed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What hyper would see, fed in pieces of every size.
    fn seen(wire: &str) -> String {
        let whole = in_pieces(wire, wire.len());
        for size in 1..wire.len() {
            assert_eq!(is_refused(&in_pieces(wire, size)), is_refused(&whole), "pieces of {size}");
        }
        whole
    }

    fn is_refused(seen: &str) -> bool {
        seen.as_bytes().ends_with(REFUSAL)
    }

    fn in_pieces(wire: &str, size: usize) -> String {
        let (mut place, mut seen) = (Place::Head(Vec::new()), Vec::new());
        for piece in wire.as_bytes().chunks(size) {
            let (passed, refused) = place.pass(piece);
            seen.extend_from_slice(&piece[..passed]);
            if refused {
                seen.extend_from_slice(REFUSAL);
                break;
            }
        }
        String::from_utf8(seen).unwrap()
    }

    #[test]
    fn good_heads_pass_with_their_bodies_and_whatever_is_in_them() {
        for wire in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\n\n\n\nGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n",
        ] {
            assert_eq!(seen(wire), wire);
        }
    }

    #[test]
    fn a_bare_line_feed_is_refused_in_any_head_of_a_connection() {
        for wire in [
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\n\r\n",
        ] {
            assert!(is_refused(&seen(wire)), "{wire:?}");
        }
    }

    #[test]
    fn the_preface_of_http_2_is_refused() {
        assert!(is_refused(&seen("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")));
    }

    #[test]
    fn content_length_beside_transfer_encoding_is_refused_in_either_order() {
        for wire in [
            "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\nX: y\r\nCONTENT-LENGTH: 4\r\n\r\n",
        ] {
            assert!(is_refused(&seen(wire)), "{wire:?}");
        }
    }
}
