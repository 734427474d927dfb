//! What checks expect of a response. Each expectation fails the check with a text that shows request and response.

use crate::http::{Exchange, ExchangeError};
use crate::outcome::{Failure, Stop};
use crate::text::{Lang, formatted};

/// How much of a response a message shows.
const BRIEF: usize = 60;
/// What stack traces and library names look like in a response.
const TRACES: [&str; 9] = [
    "Traceback (most recent call last)",
    ".py\", line",
    "werkzeug.debug",
    "sqlite3.",
    "node_modules",
    "java.lang.",
    "goroutine ",
    "panicked at",
    "SQLSTATE",
];

impl Exchange {
    /// Fails unless the condition holds; the texts name the expected response.
    pub(crate) fn must(&self, holds: bool, en: &str, fr: &str) -> Result<(), Stop> {
        if holds {
            return Ok(());
        }
        self.wrong(
            &format!("expected {en}, got {}", self.response_line(Lang::En, BRIEF)),
            &format!("attendu {fr}, reçu {}", self.response_line(Lang::Fr, BRIEF)),
        )
    }

    /// Fails with a text about the response.
    pub(crate) fn wrong<T>(&self, en: &str, fr: &str) -> Result<T, Stop> {
        let request = self.method_and_path();
        let text = formatted(format!("{request}: {en}"), format!("{request} : {fr}"));
        Err(Stop::Failed(Failure { text, exchange: Some(Box::new(self.clone())) }))
    }

    /// Fails unless the status is one of these.
    pub(crate) fn must_be(&self, statuses: &[u16]) -> Result<(), Stop> {
        let expected: Vec<_> = statuses.iter().map(u16::to_string).collect();
        let is_expected = self.status().is_some_and(|status| statuses.contains(&status));
        self.must(is_expected, &expected.join(" or "), &expected.join(" ou "))
    }

    /// Fails unless the status is a 2xx.
    pub(crate) fn must_be_ok(&self) -> Result<(), Stop> {
        self.must(self.is_ok(), "a 2xx", "un 2xx")
    }

    /// Fails if the status is a 2xx; any other status and even no response pass.
    pub(crate) fn must_not_be_ok(&self) -> Result<(), Stop> {
        self.must(!self.is_ok(), "no 2xx", "tout sauf un 2xx")
    }

    /// Fails unless the status and the body say that the body was invalid.
    pub(crate) fn must_be_refused(&self) -> Result<(), Stop> {
        self.must_be(&[400, 422])
    }

    /// Fails unless the response has this header.
    pub(crate) fn must_have(&self, header: &str) -> Result<(), Stop> {
        self.must(self.header(&header.to_ascii_lowercase()).is_some(), header, header)
    }

    /// Fails unless the body and its Content-Type are JSON.
    pub(crate) fn must_be_json(&self) -> Result<(), Stop> {
        let kind = self.header("content-type").unwrap_or("none");
        self.must(
            self.is_json(),
            &format!("JSON (its type: {kind})"),
            &format!("du JSON (son type : {kind})"),
        )
    }

    /// Fails unless the error has a JSON body.
    pub(crate) fn must_be_a_json_error(&self) -> Result<(), Stop> {
        self.must(self.is_json(), "an error in JSON", "une erreur en JSON")
    }

    /// Fails unless the body was refused as too large. A service may close the connection without reading all of it.
    pub(crate) fn must_be_too_large(&self) -> Result<(), Stop> {
        if self.status().is_some() {
            return self.must_be(&[400, 413, 422]);
        }
        let closed = matches!(self.response, Err(ExchangeError::Closed));
        self.must(closed, "413, or the connection closed", "413, ou la connexion fermée")
    }

    /// Fails if the response shows the inside of the service.
    pub(crate) fn must_not_leak(&self) -> Result<(), Stop> {
        self.must(self.response.is_ok(), "a response", "une réponse")?;
        let text = self.text();
        let trace = TRACES.iter().find(|trace| text.contains(**trace)).copied().unwrap_or_default();
        self.must(trace.is_empty(), &format!("nothing like {trace:?}"), &format!("rien comme {trace:?}"))
    }
}
