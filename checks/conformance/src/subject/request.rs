//! Requests to the services of the version.

use std::thread;

use serde_json::Value;

use super::Subject;
use crate::http::{Exchange, Request};
use crate::outcome::{Stop, skip};
use crate::text::{Text, text};

/// A request that is not sent yet.
#[derive(Debug)]
pub(crate) struct RequestBuilder<'s> {
    subject: &'s Subject,
    request: Request,
    token: Option<(String, String)>,
}

impl Subject {
    /// Starts a request to person.
    pub(crate) fn person(&self, method: &str, path: &str) -> Result<RequestBuilder<'_>, Stop> {
        let missing = text(
            "the real person service was not given: `--person URL`",
            "le vrai service person n'a pas été indiqué : `--person URL`",
        );
        self.request(&self.person, missing, method, path)
    }

    /// Starts a request to health.
    pub(crate) fn health(&self, method: &str, path: &str) -> Result<RequestBuilder<'_>, Stop> {
        let missing = text("no health service was given", "aucun service health n'a été indiqué");
        self.request(&self.health, missing, method, path)
    }

    /// Starts a request to auth.
    pub(crate) fn auth(&self, method: &str, path: &str) -> Result<RequestBuilder<'_>, Stop> {
        let missing = text(
            "no auth service was given: `--auth URL`",
            "aucun service auth n'a été indiqué : `--auth URL`",
        );
        Ok(self.request(&self.auth, missing, method, path)?.without_token())
    }

    fn request(
        &self,
        base: &Option<String>,
        missing: Text,
        method: &str,
        path: &str,
    ) -> Result<RequestBuilder<'_>, Stop> {
        let Some(base) = base else { return skip(missing) };
        Ok(self.request_to(method, format!("{}{path}", base.trim_end_matches('/'))))
    }

    /// Starts a request to any URL.
    pub(super) fn request_to(&self, method: &str, url: String) -> RequestBuilder<'_> {
        let token = self.token.as_ref();
        let token = token.map(|token| (token.header.clone(), format!("{}{}", token.prefix, token.value)));
        let request = Request { method: method.to_owned(), url, headers: Vec::new(), body: None };
        RequestBuilder { subject: self, request, token }
    }
}

impl RequestBuilder<'_> {
    /// Adds a body in JSON.
    pub(crate) fn json(self, body: impl Into<Value>) -> Self {
        self.body("application/json", &body.into().to_string())
    }

    /// Adds a body.
    pub(crate) fn body(mut self, kind: &str, body: &str) -> Self {
        self.request.body = Some(body.into());
        self.header("Content-Type", kind)
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves out the token.
    pub(crate) fn without_token(mut self) -> Self {
        self.token = None;
        self
    }

    /// Replaces the token.
    pub(crate) fn with_token(mut self, value: &str) -> Self {
        let token = self.subject.token.as_ref();
        self.token = token.map(|token| (token.header.clone(), format!("{}{value}", token.prefix)));
        self
    }

    /// Sends the request, waits for the response, and records both for the report.
    pub(crate) fn send(mut self) -> Exchange {
        self.request.headers.extend(self.token);
        let exchange = self.subject.client.send(self.request);
        self.subject.remember(&exchange);
        exchange
    }
}

/// Sends one request for each item, all at the same time.
pub(crate) fn at_once<T: Sync>(
    items: &[T],
    send: impl Fn(&T) -> Result<Exchange, Stop> + Sync,
) -> Result<Vec<Exchange>, Stop> {
    thread::scope(|scope| {
        let send = &send;
        let threads: Vec<_> = items.iter().map(|item| scope.spawn(move || send(item))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a request does not panic")).collect()
    })
}
