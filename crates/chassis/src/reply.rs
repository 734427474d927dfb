//! The answer of a handler to a successful request.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::live::Feed;

/// A status, headers and a body.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: ReplyBody,
}

impl Reply {
    /// Returns an answer with a compact JSON body.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let mut body = serde_json::to_vec(body).expect("every answer can be written as JSON");
        // The line feed puts the next prompt of a terminal on its own line.
        body.push(b'\n');
        Self::empty(status).body(body, "application/json")
    }

    /// Returns an answer in plain text.
    pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::empty(status).body(body, "text/plain; charset=utf-8")
    }

    /// Returns an answer without a body: 204, 304.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::with_capacity(8), body: Bytes::new().into() }
    }

    /// Returns an answer that goes on for as long as its client reads.
    pub(crate) fn feed(feed: Feed) -> Self {
        let body = ReplyBody::Feed(Box::new(feed));
        Self { body, ..Self::empty(StatusCode::OK) }.content_type("text/event-stream")
    }

    fn body(self, body: impl Into<Bytes>, content_type: &'static str) -> Self {
        Self { body: body.into().into(), ..self }.content_type(content_type)
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the media type of the body.
    #[must_use]
    pub fn content_type(self, value: &'static str) -> Self {
        self.header(header::CONTENT_TYPE, HeaderValue::from_static(value))
    }

    /// Sets `Location` to an absolute path.
    #[must_use]
    pub fn location(self, path: &str) -> Self {
        self.header(header::LOCATION, HeaderValue::try_from(path).expect("paths are printable ASCII"))
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn into_response(self) -> Response<ReplyBody> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum ReplyBody {
    Whole(Full<Bytes>),
    Feed(Box<Feed>),
}

impl From<Bytes> for ReplyBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Pin::new(bytes).poll_frame(cx),
            Self::Feed(feed) => Pin::new(&mut **feed).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_end_stream(),
            Self::Feed(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => bytes.size_hint(),
            Self::Feed(_) => SizeHint::default(),
        }
    }
}
