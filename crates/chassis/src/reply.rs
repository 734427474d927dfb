//! The answer of a handler to a successful request.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

/// A status, headers and a whole body.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
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
        Self { status, headers: HeaderMap::with_capacity(8), body: Bytes::new() }
    }

    fn body(self, body: impl Into<Bytes>, content_type: &'static str) -> Self {
        Self { body: body.into(), ..self }.content_type(content_type)
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

    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
