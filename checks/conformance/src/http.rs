//! Asking a service of which nothing is known: it may answer late, half, in HTML, or not at all. Whatever it does
//! becomes a value that can be shown; nothing here panics and every wait ends.

mod exchange;

use std::io;
use std::time::Duration;

use ureq::{Agent, Error, http};

pub use exchange::Exchange;
pub(crate) use exchange::{Answer, Trouble};

/// Enough for any answer of the lab; more is not read.
const BODY_LIMIT: u64 = 4 * 1024 * 1024;

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Header lines.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// A client that opens a connection for each call: a server that closes kept ones carelessly shall not fail for it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: Agent,
    patience: Duration,
}

impl Client {
    /// One that waits for an answer so long and no longer.
    pub(crate) fn new(patience: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .max_idle_connections(0)
            .proxy(None)
            .timeout_global(Some(patience))
            .build();
        Self { agent: config.into(), patience }
    }

    /// Sends it and waits for what comes.
    pub(crate) fn send(&self, ask: Ask) -> Exchange {
        let came = self.exchange(&ask);
        Exchange { ask, came }
    }

    fn exchange(&self, ask: &Ask) -> Result<Answer, Trouble> {
        let mut request = http::Request::builder().method(ask.method.as_str()).uri(&ask.url);
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        let ran = match &ask.body {
            Some(body) => request.body(&body[..]).map(|request| self.agent.run(request)),
            None => request.body(()).map(|request| self.agent.run(request)),
        };
        let unsendable = |error: http::Error| Trouble::Broken(error.to_string());
        let mut response = ran.map_err(unsendable)?.map_err(|error| self.trouble(&error))?;
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let (status, headers) = (response.status().as_u16(), headers.collect());
        let body = response.body_mut().with_config().limit(BODY_LIMIT).read_to_vec();
        Ok(Answer { status, headers, body: body.map_err(|error| self.trouble(&error))? })
    }

    fn trouble(&self, error: &Error) -> Trouble {
        match error {
            Error::Timeout(_) => Trouble::Silent(self.patience),
            Error::HostNotFound => Trouble::NoSuchHost,
            Error::ConnectionFailed => Trouble::Refused,
            Error::Io(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused => Trouble::Refused,
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Trouble::Silent(self.patience),
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => Trouble::Closed,
                _ => Trouble::Broken(error.to_string()),
            },
            other => Trouble::Broken(other.to_string()),
        }
    }
}
