//! The names that a version uses if the lab leaves them open.

use super::server::{Request, Response};

/// The dialect of one version.
#[derive(Debug, Default)]
pub(crate) struct Dialect {
    /// Pairs of our name and this version's name for a field.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// The header of the token, if it is not a bearer token.
    pub(crate) token_header: Option<&'static str>,
    /// Whether errors are HTML, in Latin-1.
    pub(crate) errors_are_pages: bool,
}

impl Dialect {
    pub(super) fn translate_request(&self, request: &mut Request) {
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
