//! Rejects two kinds of heads that hyper accepts: with a line that ends without a carriage return, and with
//! `Content-Length` beside `Transfer-Encoding`. Both make two parsers in a row see different requests (request
//! smuggling), and hyper reports neither to its service. It also rejects the preface of HTTP/2, which hyper answers with
//! 400 or with silence, depending on how its bytes arrive.
//!
//! This module inspects the bytes on their way to hyper's parser. It replaces the end of a bad head with a NUL byte, which
//! no head may hold, so hyper answers 400 and closes the connection. An end of head follows, because hyper parses a head
//! that arrived in parts only once it is complete.

use std::io::{self, BufRead as _};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;

/// The size of hyper's reads.
const CHUNK: usize = 8 * 1024;

/// The replacement for the end of a bad head.
const REFUSAL: &[u8] = b"\0\r\n\r\n";

/// A connection whose request heads are inspected.
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

/// Follows the bytes of a client from head to head.
#[derive(Default)]
struct Heads {
    position: Position,
    head: Head,
    /// The part of a line that has arrived.
    line: Vec<u8>,
}

/// The element that the next byte belongs to.
#[derive(Clone, Copy, Default)]
enum Position {
    #[default]
    Head,
    /// A body with this many bytes left.
    Body(u64),
    /// A chunked body, or garbage: no further inspection, since the connection ends with this request.
    Rest,
}

/// The content of a head so far.
#[derive(Default)]
struct Head {
    has_request_line: bool,
    /// `Some(None)` is an invalid number: hyper rejects it and closes the connection.
    content_length: Option<Option<u64>>,
    chunked: bool,
}

/// A head that hyper must not see.
struct Bad;

impl Heads {
    /// Inspects bytes; returns how many to pass on, and whether the refusal follows them.
    fn pass(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut passed = 0;
        while passed < bytes.len() {
            let mut rest = &bytes[passed..];
            match self.position {
                Position::Rest => return (bytes.len(), false),
                Position::Body(left) => {
                    let here = left.min(rest.len() as u64);
                    self.position = if here == left { Position::Head } else { Position::Body(left - here) };
                    passed += usize::try_from(here).expect("at most a chunk");
                }
                Position::Head => {
                    let read = rest.read_until(b'\n', &mut self.line).expect("memory can be read");
                    if self.line.ends_with(b"\n") {
                        let Ok(position) = self.head.add(&self.line) else {
                            self.position = Position::Rest;
                            return (passed, true);
                        };
                        self.position = position;
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
    /// Adds a line; returns the position after it.
    fn add(&mut self, line: &[u8]) -> Result<Position, Bad> {
        let line = line.strip_suffix(b"\r\n").ok_or(Bad)?;
        if !self.has_request_line {
            // An empty line before the request line is ignored.
            self.has_request_line = !line.is_empty();
            return if line == b"PRI * HTTP/2.0" { Err(Bad) } else { Ok(Position::Head) };
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
        Ok(Position::Head)
    }

    /// Returns the position after the head, unless the head gives the length of the body in two ways.
    fn end(self) -> Result<Position, Bad> {
        match (self.content_length, self.chunked) {
            (Some(_), true) => Err(Bad),
            (Some(Some(0)) | None, false) => Ok(Position::Head),
            (Some(Some(length)), false) => Ok(Position::Body(length)),
            (Some(None), false) | (None, true) => Ok(Position::Rest),
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
        // Room for the refusal is reserved; hyper has room for thousands of bytes.
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

    /// Returns the bytes that hyper would see, checking pieces of every size.
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
    fn valid_heads_pass_with_any_body() {
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
    fn a_bare_line_feed_in_any_head_is_rejected() {
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
    fn the_preface_of_http_2_is_rejected() {
        assert!(is_refused(&seen("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")));
    }

    #[test]
    fn two_body_lengths_are_rejected_in_either_order() {
        for wire in [
            "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\nX: y\r\nCONTENT-LENGTH: 4\r\n\r\n",
        ] {
            assert!(is_refused(&seen(wire)), "{wire:?}");
        }
    }
}
