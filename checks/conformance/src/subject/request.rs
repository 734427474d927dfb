//! Requests to the services of the version.

use std::thread;

use serde_json::Value;

use super::{Subject, Token};
use crate::http::{Exchange, Request};
use crate::outcome::{Stop, skip};
use crate::shape::{health_path, person_path, template};
use crate::text::{Text, text};

/// A route that redirects to the same path with a slash at the end, which the checker then uses.
#[derive(Debug, Clone)]
pub(crate) struct Redirected {
    /// The path, with `{id}` for an id.
    pub(crate) template: String,
    /// The exchange that shows it.
    pub(crate) exchange: Exchange,
}

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
            "le vrai service Personne n'a pas été indiqué : `--person URL`",
        );
        self.request(&self.person, missing, method, path)
    }

    /// Starts a request to health.
    pub(crate) fn health(&self, method: &str, path: &str) -> Result<RequestBuilder<'_>, Stop> {
        let missing = text("no health service was given", "aucun service Santé n'a été indiqué");
        self.request(&self.health, missing, method, path)
    }

    /// Starts a request to auth.
    pub(crate) fn auth(&self, method: &str, path: &str) -> Result<RequestBuilder<'_>, Stop> {
        let missing = text(
            "no auth service was given: `--auth URL`",
            "aucun service Auth n'a été indiqué : `--auth URL`",
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
        Ok(self.request_to(method, format!("{}{}", base.trim_end_matches('/'), self.translated(path))))
    }

    /// Returns the path as this version calls it.
    fn translated(&self, path: &str) -> String {
        let slash = if self.redirected.iter().any(|it| it.template == template(path)) { "/" } else { "" };
        let paths = &self.fields.paths;
        let own =
            [("/persons", &paths.persons), ("/health", &paths.health)].into_iter().find_map(|(lab, own)| {
                let rest = path.strip_prefix(lab).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
                Some(format!("{}{rest}", own.as_ref()?))
            });
        own.unwrap_or_else(|| path.to_owned()) + slash
    }

    /// Follows a redirect to the same path with a slash, once for each route.
    pub(super) fn learn_slashes(&mut self) {
        for (is_person, path) in [
            (true, "/persons".to_owned()),
            (true, person_path(self.unused_id())),
            (false, health_path(self.unused_id())),
        ] {
            let request = if is_person { self.person("GET", &path) } else { self.health("GET", &path) };
            let Ok(request) = request else { continue };
            let get = request.send();
            let exchange = if matches!(get.status(), Some(404 | 405)) && path == "/persons" {
                let body = self.person_body("Conformance");
                let Ok(request) = self.person("POST", &path) else { continue };
                let post = request.json(body).send();
                self.track_created(&post);
                post
            } else {
                get
            };
            let is_redirect = matches!(exchange.status(), Some(301 | 302 | 307 | 308));
            if is_redirect
                && exchange
                    .header("location")
                    .is_some_and(|to| to.ends_with(&format!("{}/", exchange.path())))
            {
                self.redirected.push(Redirected { template: template(&path), exchange });
            }
        }
    }

    /// Returns the exchange that shows that a service redirects to a path with a slash.
    pub(crate) fn redirect_of(&self, prefix: &str) -> Option<&Exchange> {
        self.redirected.iter().find(|it| it.template.starts_with(prefix)).map(|it| &it.exchange)
    }

    /// Starts a request to any URL.
    pub(crate) fn request_to(&self, method: &str, url: String) -> RequestBuilder<'_> {
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

    /// Replaces the token and its header, or leaves out the token.
    pub(crate) fn carrying(mut self, token: Option<&Token>) -> Self {
        self.token = token.map(|token| (token.header.clone(), format!("{}{}", token.prefix, token.value)));
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
