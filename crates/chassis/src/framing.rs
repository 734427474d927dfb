//! Rejects what hyper's parser accepts, though another server in front may read it differently (request smuggling): see
//! [`scanner`]. hyper reports none of it to its service, so this module inspects the bytes on their way to hyper, and
//! replaces the rest of a bad request with bytes that make hyper refuse it and close the connection.
//!
//! It also keeps the [`Activity`] of the connection: only here is it known whether a client has begun a request.

mod scanner;

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;

use crate::activity::Activity;
use scanner::{Refusal, Scanner};

pub(crate) use scanner::REFUSED_CODING;

/// The size of hyper's reads.
const CHUNK: usize = 8 * 1024;

thread_local! {
    /// Holds bytes between the socket and hyper, within one call. One for each connection would be 8 MB for a thousand.
    static BYTES: RefCell<Box<[u8; CHUNK]>> = RefCell::new(Box::new([0; CHUNK]));
}

/// A connection whose requests are inspected.
pub(crate) struct Framed {
    stream: TokioIo<TcpStream>,
    scanner: Scanner,
    activity: Arc<Activity>,
    /// Whether the client has yet to take a part of an answer.
    sending: bool,
}

impl Framed {
    pub(crate) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream: TokioIo::new(stream), scanner: Scanner::default(), activity, sending: false }
    }

    /// Reads into `bytes`, inspects them and passes them on.
    fn read(
        &mut self,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<()>> {
        if self.scanner.has_refused() {
            // The end of the stream.
            return Poll::Ready(Ok(()));
        }
        // Room for a withheld byte and a refusal is reserved; hyper has room for thousands of bytes.
        let room = cursor.remaining().saturating_sub(1 + Refusal::LONGEST).clamp(1, CHUNK);
        loop {
            let mut buffer = ReadBuf::new(&mut bytes[..room]);
            let read = Pin::new(self.stream.inner_mut()).poll_read(cx, &mut buffer);
            if read.is_pending() && self.scanner.is_between_requests() && !self.sending {
                self.activity.rest();
            }
            ready!(read)?;
            let read = buffer.filled().len();
            if read > 0 && self.activity.begin().is_err() {
                // The connection was chosen to make room for another one: its client may try again on a new connection.
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
            let withheld = self.scanner.withheld();
            let (passed, refusal) = self.scanner.pass(&mut bytes[..read]);
            if passed > 0 {
                cursor.put_slice(withheld);
                cursor.put_slice(&bytes[..passed]);
            }
            if let Some(refusal) = refusal.map(Refusal::bytes)
                && cursor.remaining() >= refusal.len()
            {
                cursor.put_slice(refusal);
            }
            // Without any bytes, hyper would see the end of the stream.
            if passed > 0 || refusal.is_some() || read == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn sent<T>(&mut self, outcome: Poll<T>) -> Poll<T> {
        self.sending = outcome.is_pending();
        if self.sending {
            // It fails only if the connection is being closed anyway.
            let _ = self.activity.begin();
        }
        outcome
    }
}

impl Read for Framed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        BYTES.with_borrow_mut(|bytes| self.read(cx, cursor, &mut **bytes))
    }
}

impl Write for Framed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.sent(written)
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
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.sent(written)
    }
}
