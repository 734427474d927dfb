//! What hyper lets pass and we do not: a line that ends without a carriage return, and `Content-Length` beside
//! `Transfer-Encoding`. Both make two parsers in a row see different requests (request smuggling), and hyper
//! tells neither to its service. The preface of HTTP/2 is refused here too: hyper says nothing to it, or 400,
//! as its bytes happen to come.
//!
//! So the bytes are looked at on their way to hyper's parser. Where a head is bad its end is withheld and a
//! NUL byte put in its place, which no head may hold: hyper then answers 400 and closes, as it does for
//! every head that it cannot read. An end of ours follows, for hyper looks at a head that came in parts only once
//! it is whole, and would wait for the one that was withheld.

use std::io::{self, BufRead as _};
use std::mem;
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
    heads: Heads,
    chunk: Box<[u8; CHUNK]>,
}

impl Framed {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream: TokioIo::new(stream), heads: Heads::default(), chunk: Box::new([0; CHUNK]) }
    }
}

/// Follows what a client sends from head to head.
#[derive(Default)]
struct Heads {
    place: Place,
    head: Head,
    /// As much as has come of a line.
    line: Vec<u8>,
}

/// What the next byte from the client is part of.
#[derive(Clone, Copy, Default)]
enum Place {
    #[default]
    Head,
    /// A body of which this many bytes are to come.
    Body(u64),
    /// A chunked body, or garbage: nothing is looked at any more. The connection ends with this request.
    Rest,
}

/// What the lines of a head have said so far.
#[derive(Default)]
struct Head {
    has_request_line: bool,
    /// `Some(None)` is one that is no number: hyper's to refuse, and the end of the connection.
    content_length: Option<Option<u64>>,
    chunked: bool,
}

/// A head that hyper must not see as it is.
struct Bad;

impl Heads {
    /// Goes through what came, and returns how much of it may be passed on and whether the refusal is to follow.
    fn pass(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut passed = 0;
        while passed < bytes.len() {
            let mut rest = &bytes[passed..];
            match self.place {
                Place::Rest => return (bytes.len(), false),
                Place::Body(left) => {
                    let here = left.min(rest.len() as u64);
                    self.place = if here == left { Place::Head } else { Place::Body(left - here) };
                    passed += usize::try_from(here).expect("at most a chunk");
                }
                Place::Head => {
                    let read = rest.read_until(b'\n', &mut self.line).expect("memory can be read");
                    if self.line.ends_with(b"\n") {
                        let Ok(place) = self.head.add(&self.line) else {
                            self.place = Place::Rest;
                            return (passed, true);
                        };
                        self.place = place;
                        self.line.clear();
                    }
                    passed += read;
                }
            }
        }
        (passed, false)
    }
}

impl Head {
    /// Takes a line in, and says where the next one stands.
    fn add(&mut self, line: &[u8]) -> Result<Place, Bad> {
        let line = line.strip_suffix(b"\r\n").ok_or(Bad)?;
        if !self.has_request_line {
            // An empty line before it counts for nothing.
            self.has_request_line = !line.is_empty();
            return if line == b"PRI * HTTP/2.0" { Err(Bad) } else { Ok(Place::Head) };
        }
        if line.is_empty() {
            return mem::take(self).end();
        }
        if let Some(colon) = line.iter().position(|b| *b == b':') {
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            self.chunked |= name.eq_ignore_ascii_case(b"transfer-encoding");
            if name.eq_ignore_ascii_case(b"content-length") {
                let number = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
                self.content_length = Some(number);
            }
        }
        Ok(Place::Head)
    }

    /// What follows it, unless it names two ways to tell the body's length.
    fn end(self) -> Result<Place, Bad> {
        match (self.content_length, self.chunked) {
            (Some(_), true) => Err(Bad),
            (Some(Some(0)) | None, false) => Ok(Place::Head),
            (Some(Some(length)), false) => Ok(Place::Body(length)),
            (Some(None), false) | (None, true) => Ok(Place::Rest),
        }
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
        let (passed, refused) = this.heads.pass(buffer.filled());
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
        let (mut heads, mut seen) = (Heads::default(), Vec::new());
        for piece in wire.as_bytes().chunks(size) {
            let (passed, refused) = heads.pass(piece);
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
