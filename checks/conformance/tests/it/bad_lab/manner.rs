//! How a version names things, where the lab leaves it open.

use super::server::{Ask, Reply};

/// The names of one version.
#[derive(Debug, Default)]
pub(crate) struct Manner {
    /// Pairs of a name in our bodies and the one in this version's.
    pub(crate) names: &'static [(&'static str, &'static str)],
    /// The header line of the token, where it is not a bearer token.
    pub(crate) token_header: Option<&'static str>,
    /// Whether errors are HTML, in Latin-1.
    pub(crate) errors_are_pages: bool,
}

impl Manner {
    pub(super) fn hear(&self, ask: &mut Ask) {
        if !self.names.is_empty() {
            let mut body = String::from_utf8_lossy(&ask.body).into_owned();
            for (ours, theirs) in self.names {
                // What is not called as this version calls it is unknown here.
                body = body.replace(&format!("\"{ours}\":"), "\"unknown\":");
                body = body.replace(&format!("\"{theirs}\":"), &format!("\"{ours}\":"));
            }
            ask.body = body.into_bytes();
        }
        if let Some(header) = self.token_header {
            let token = ask.header(header).filter(|token| !token.starts_with("Bearer ")).map(str::to_owned);
            ask.headers.retain(|(name, _)| name != "authorization");
            ask.headers.extend(token.map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
        }
    }

    pub(super) fn say(&self, reply: &mut Reply) {
        for (ours, theirs) in self.names {
            reply.body = reply.body.replace(&format!("\"{ours}\":"), &format!("\"{theirs}\":"));
        }
        if self.errors_are_pages && reply.status >= 400 {
            reply.kind = "text/html; charset=iso-8859-1";
            reply.body = "<!doctype html><title>Erreur</title>".to_owned();
        }
    }

    /// The header line that health passes a token on in.
    pub(super) fn token_line(&self, authorization: &str) -> String {
        match self.token_header {
            Some(header) => format!("{header}: {}\r\n", authorization.trim_start_matches("Bearer ")),
            None => format!("Authorization: {authorization}\r\n"),
        }
    }
}
