//! An HTTP client for services of unknown quality: they may answer late, half, in HTML, or not at all. Every outcome
//! becomes a value that a report can show; nothing here panics, and every wait has a timeout.

mod exchange;

use std::io;
use std::time::Duration;

use ureq::{Agent, Error, http};

pub use exchange::Exchange;
pub(crate) use exchange::{ExchangeError, Request, Response};

/// Enough for any response of the lab; larger bodies are not read.
const BODY_LIMIT: u64 = 4 * 1024 * 1024;

/// A client that opens a connection for each request: a version that closes idle connections carelessly must not fail
/// for it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: Agent,
    timeout: Duration,
}

impl Client {
    /// Returns a client with this timeout for each exchange.
    pub(crate) fn new(timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .max_idle_connections(0)
            .proxy(None)
            .timeout_global(Some(timeout))
            .build();
        Self { agent: config.into(), timeout }
    }

    /// Sends a request and waits for the response.
    pub(crate) fn send(&self, request: Request) -> Exchange {
        let response = self.exchange(&request);
        Exchange { request, response }
    }

    fn exchange(&self, request: &Request) -> Result<Response, ExchangeError> {
        let mut builder = http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let sent = match &request.body {
            Some(body) => builder.body(&body[..]).map(|request| self.agent.run(request)),
            None => builder.body(()).map(|request| self.agent.run(request)),
        };
        let invalid = |error: http::Error| ExchangeError::Invalid(error.to_string());
        let mut response = sent.map_err(invalid)?.map_err(|error| self.error(&error))?;
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let (status, headers) = (response.status().as_u16(), headers.collect());
        let body = response.body_mut().with_config().limit(BODY_LIMIT).read_to_vec();
        Ok(Response { status, headers, body: body.map_err(|error| self.error(&error))? })
    }

    fn error(&self, error: &Error) -> ExchangeError {
        match error {
            Error::Timeout(_) => ExchangeError::Timeout(self.timeout),
            Error::HostNotFound => ExchangeError::NoSuchHost,
            Error::ConnectionFailed => ExchangeError::Refused,
            Error::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused => ExchangeError::Refused,
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ExchangeError::Timeout(self.timeout),
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => ExchangeError::Closed,
                _ => ExchangeError::Invalid(error.to_string()),
            },
            other => ExchangeError::Invalid(other.to_string()),
        }
    }
}
