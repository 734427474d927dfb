//! A request that a check makes, a line a part.

use serde_json::Value;

use super::Subject;
use crate::http::{Ask, Exchange};

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Request<'s> {
    subject: &'s Subject,
    ask: Ask,
    token: Option<(String, String)>,
}

impl<'s> Request<'s> {
    pub(super) fn new(subject: &'s Subject, method: &str, url: String) -> Self {
        let token = subject
            .token
            .as_ref()
            .map(|token| (token.header.clone(), format!("{}{}", token.prefix, token.value)));
        let ask = Ask { method: method.to_owned(), url, headers: Vec::new(), body: None };
        Self { subject, ask, token }
    }

    /// Carries this body as JSON.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Carries this body.
    pub(crate) fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.ask.body = Some(body.into());
        self.header("Content-Type", kind)
    }

    /// Carries a header line.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.ask.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Goes without the token.
    pub(crate) fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// Carries another token in place of the good one.
    pub(crate) fn with_token(mut self, value: &str) -> Self {
        let parts = self.subject.token.as_ref();
        self.token = parts.map(|token| (token.header.clone(), format!("{}{value}", token.prefix)));
        self
    }

    /// Sends it, waits for what comes, and remembers both for the report.
    pub(crate) fn send(mut self) -> Exchange {
        self.ask.headers.extend(self.token);
        let exchange = self.subject.client.send(self.ask);
        self.subject.remember(&exchange);
        exchange
    }
}
