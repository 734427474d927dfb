//! The names that a version uses if the lab leaves them open.

use serde_json::Value;

use super::server::{Request, Response};

/// The dialect of one version.
#[derive(Debug, Default)]
pub(crate) struct Dialect {
    /// Pairs of our name and this version's name for a field.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// The header of the token, if it is not a bearer token.
    pub(crate) token_header: Option<&'static str>,
    /// What this version calls `/persons`.
    pub(crate) persons: Option<&'static str>,
    /// Whether errors are HTML, in Latin-1.
    pub(crate) errors_are_pages: bool,
    /// The login, if nobody can register.
    pub(crate) login: Option<FixedLogin>,
}

/// A login with one account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedLogin {
    pub(crate) on: &'static str,
    pub(crate) path: &'static str,
    pub(crate) account: (&'static str, &'static str),
    /// Where the username and the password are.
    pub(crate) reads: fn(&Request) -> Option<(String, String)>,
}

impl FixedLogin {
    /// Returns the account in a JSON body.
    pub(crate) fn json(request: &Request) -> Option<(String, String)> {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        Some((body["username"].as_str()?.to_owned(), body["password"].as_str()?.to_owned()))
    }

    /// Returns the account in a form.
    pub(crate) fn form(request: &Request) -> Option<(String, String)> {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let field = |name: &str| {
            body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).map(str::to_owned)
        };
        Some((field("username")?, field("password")?))
    }

    /// Returns the account in the header of basic authentication, which this test does not decode.
    pub(crate) fn basic(request: &Request) -> Option<(String, String)> {
        let is_admin = request.header("authorization")? == "Basic YWRtaW46MTIzNA==";
        is_admin.then(|| ("admin".to_owned(), "1234".to_owned()))
    }
}

impl Dialect {
    pub(super) fn translate_request(&self, request: &mut Request) {
        if let Some(own) = self.persons {
            let target = request.target.replacen("/persons", "/no-such-path", 1);
            request.target = target.replacen(own, "/persons", 1);
        }
        if !self.names.is_empty() {
            let mut body = String::from_utf8_lossy(&request.body).into_owned();
            for (ours, theirs) in self.names {
                // This version does not know our names.
                body = body.replace(&format!("\"{ours}\":"), "\"unknown\":");
                body = body.replace(&format!("\"{theirs}\":"), &format!("\"{ours}\":"));
            }
            request.body = body.into_bytes();
        }
        if let Some(header) = self.token_header {
            let token =
                request.header(header).filter(|token| !token.starts_with("Bearer ")).map(str::to_owned);
            request.headers.retain(|(name, _)| name != "authorization");
            request
                .headers
                .extend(token.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
        }
    }

    pub(super) fn translate_response(&self, response: &mut Response) {
        for (ours, theirs) in self.names {
            response.body = response.body.replace(&format!("\"{ours}\":"), &format!("\"{theirs}\":"));
        }
        if self.errors_are_pages && response.status >= 400 {
            response.kind = "text/html; charset=iso-8859-1";
            response.body = "<!doctype html><title>Erreur</title>".to_owned();
        }
    }

    /// Returns the header line with which health forwards a token.
    pub(super) fn token_line(&self, authorization: &str) -> String {
        match self.token_header {
            Some(header) => format!("{header}: {}\r\n", authorization.trim_start_matches("Bearer ")),
            None => format!("Authorization: {authorization}\r\n"),
        }
    }
}
