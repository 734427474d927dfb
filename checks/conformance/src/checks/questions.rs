//! What checks of several areas ask of an answer.

use crate::check::Stop;
use crate::http::{Exchange, Trouble};

/// What the inside of a service looks like when it spills into an answer.
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
    /// Fails unless the body is JSON and is said to be.
    pub(super) fn must_be_json(&self) -> Result<(), Stop> {
        let kind = self.header("content-type").unwrap_or("none");
        self.must(
            self.is_json(),
            &format!("JSON (its type: {kind})"),
            &format!("du JSON (son type : {kind})"),
        )
    }

    /// Fails unless the error, whichever it is, is told in JSON.
    pub(super) fn must_be_a_json_error(&self) -> Result<(), Stop> {
        self.must(self.is_json(), "an error in JSON", "une erreur en JSON")
    }

    /// Fails unless the body was refused. A service may close before it has read all that it will not take.
    pub(super) fn must_find_it_too_large(&self) -> Result<(), Stop> {
        if self.status().is_some() {
            return self.must_be(&[400, 413, 422]);
        }
        let closed = matches!(self.came, Err(Trouble::Closed));
        self.must(closed, "413, or the connection closed", "413, ou la connexion fermée")
    }

    /// Fails where the answer shows the inside of the service.
    pub(super) fn must_not_leak(&self) -> Result<(), Stop> {
        self.must(self.came.is_ok(), "an answer", "une réponse")?;
        let text = self.text();
        let trace = TRACES.iter().find(|trace| text.contains(**trace)).copied().unwrap_or_default();
        self.must(trace.is_empty(), &format!("nothing like {trace:?}"), &format!("rien comme {trace:?}"))
    }
}
