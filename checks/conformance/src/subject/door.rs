//! Whether the checker gets into person and health, and with which header.

use serde_json::Value;

use super::{Subject, Token};
use crate::http::Exchange;
use crate::shape::{health_path, person_path};
use crate::text::{Text, formatted, text};

/// Where versions of the lab expect the token: a header, and the text before the token.
const CARRIERS: [(&str, &str); 8] = [
    ("Authorization", "Bearer "),
    ("x-access-token", ""),
    ("Authorization", ""),
    ("Authorization", "JWT "),
    ("Authorization", "Token "),
    ("x-access-token", "Bearer "),
    ("x-auth-token", ""),
    ("token", ""),
];
/// Words of a 400, 422 or 500 that is about the token: one library answers 422 to a token that it cannot parse.
const WORDS: [&str; 8] =
    ["token", "jeton", "jwt", "authoriz", "authentic", "signature", "segments", "credential"];

/// What is known about the entrance of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Door {
    /// The service does not answer, or is not checked.
    #[default]
    Unknown,
    /// A request without a token was answered, and none was refused for want of one.
    Open,
    /// A request without a token was refused, and one with the token was not.
    Entered,
    /// Requests are refused with this status, and no token changes that.
    Locked(u16),
}

/// Whether the response says that the request needs another token.
pub(crate) fn is_denial(exchange: &Exchange) -> bool {
    match exchange.status() {
        Some(401 | 403) => true,
        Some(400 | 422 | 500) => speaks_of_tokens(exchange),
        _ => false,
    }
}

/// Whether the body of the response is about a token.
pub(crate) fn speaks_of_tokens(exchange: &Exchange) -> bool {
    let text = exchange.text().to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

impl Subject {
    /// Finds the header of the token by requests that are refused without it.
    pub(crate) fn try_doors(&mut self) {
        let unused = self.unused_id();
        let person = [
            ("GET", person_path(unused)),
            ("GET", "/persons".to_owned()),
            ("DELETE", person_path(unused)),
            ("POST", "/persons".to_owned()),
        ];
        let health = ["GET", "DELETE", "PUT", "POST"].map(|method| (method, health_path(unused)));
        self.person_door = self.try_door(&person);
        self.health_door = self.try_door(&health);
        self.take_exchanges();
    }

    fn try_door(&mut self, probes: &[(&str, String)]) -> Door {
        let mut door = Door::Unknown;
        for (method, path) in probes {
            let Some(refused) = self.probe(method, path, None) else { return door };
            let Some(status) = refused.status() else { continue };
            if !is_denial(&refused) {
                if door == Door::Unknown && refused.is_ok() {
                    door = Door::Open;
                }
                continue;
            }
            match self.fitting_token(method, path) {
                Some(token) => {
                    self.token = Some(token);
                    return Door::Entered;
                }
                None => door = Door::Locked(status),
            }
        }
        door
    }

    /// Returns the token in the first header that opens this route. The header that opened person comes first.
    fn fitting_token(&self, method: &str, path: &str) -> Option<Token> {
        let current = self.token.clone()?;
        let candidates: Vec<Token> = match &self.fields.token_header {
            Some(header) => {
                let prefix = if header.eq_ignore_ascii_case("authorization") { "Bearer " } else { "" };
                vec![Token { header: header.clone(), prefix, ..current }]
            }
            None => {
                let guess = |(header, prefix): (&str, &'static str)| Token {
                    value: current.value.clone(),
                    header: header.to_owned(),
                    prefix,
                };
                std::iter::once(current.clone()).chain(CARRIERS.map(guess)).collect()
            }
        };
        candidates.into_iter().find(|token| {
            self.probe(method, path, Some(token))
                .is_some_and(|answer| answer.status().is_some() && !is_denial(&answer))
        })
    }

    /// Sends a request with this token or none. A person whom it creates is deleted at the end.
    fn probe(&self, method: &str, path: &str, token: Option<&Token>) -> Option<Exchange> {
        let request =
            if path.starts_with("/persons") { self.person(method, path) } else { self.health(method, path) };
        let request = request.ok()?.carrying(token);
        let exchange = match method {
            "POST" | "PUT" if path.starts_with("/persons") => {
                request.json(self.person_body("Conformance")).send()
            }
            "POST" | "PUT" => request.json(Value::from(self.record())).send(),
            _ => request.send(),
        };
        if method == "POST" && path == "/persons" {
            self.track_created(&exchange);
        }
        Some(exchange)
    }

    /// Whether a service refuses every token.
    pub(crate) fn has_locked_door(&self) -> bool {
        [self.person_door, self.health_door].iter().any(|door| matches!(door, Door::Locked(_)))
    }

    /// Whether this exchange could not be tried: the service refuses every token that the checker has.
    pub(crate) fn is_locked_out(&self, exchange: &Exchange) -> bool {
        let is_at = |base: &Option<String>| {
            base.as_ref().is_some_and(|base| exchange.request.url.starts_with(base.trim_end_matches('/')))
        };
        let door = if is_at(&self.person) && !exchange.path().contains("/health/") {
            self.person_door
        } else if is_at(&self.health) {
            self.health_door
        } else {
            Door::Unknown
        };
        matches!(door, Door::Locked(_)) && is_denial(exchange)
    }

    /// Returns the first lines of the report: whether the checker got in, and how.
    pub(crate) fn entry_text(&self) -> Vec<Text> {
        let doors = [("person", self.person_door), ("health", self.health_door)];
        let mut lines = Vec::new();
        let carrier = self
            .token
            .as_ref()
            .map(|token| format!("{}: {}…", token.header, token.prefix))
            .unwrap_or_default();
        let how = match (&self.login, &self.token) {
            (Some(login), Some(_)) => login.text(),
            (_, Some(_)) => "--token".to_owned(),
            _ => String::new(),
        };
        let is_entered = doors.iter().any(|(_, door)| *door == Door::Entered);
        if is_entered {
            lines.push(formatted(
                format!("got in: {how}; token in {carrier}"),
                format!("entré : {how} ; jeton dans {carrier}"),
            ));
        } else if !how.is_empty() {
            lines.push(formatted(format!("login: {how}"), format!("login : {how}")));
        }
        let tried = self.logins_tried;
        for (name, door) in doors {
            let service = super::service_name(name);
            match door {
                Door::Locked(status) if self.token.is_some() => lines.push(formatted(
                    format!("NOT in {name}: it answers {status} even with the token. Another header (`token_header` in `--fields`), or another secret than the one that signs?"),
                    format!("PAS entré dans {service} : il répond {status} même avec le jeton. Un autre en-tête (`token_header` dans `--fields`), ou un autre secret que celui qui signe ?"),
                )),
                Door::Locked(status) => lines.push(formatted(
                    format!("NOT in {name}: it answers {status}, and none of {tried} logins gave a token. Give `--token`, `--auth` or a login in `--fields`"),
                    format!("PAS entré dans {service} : il répond {status}, et aucun des {tried} logins essayés n'a donné de jeton. Indiquez `--token`, `--auth` ou un login dans `--fields`"),
                )),
                Door::Open => lines.push(formatted(
                    format!("note: {name} answers without a token"),
                    format!("à noter : {service} répond sans jeton"),
                )),
                Door::Entered | Door::Unknown => {}
            }
        }
        lines
    }
}

/// Why a check behind a locked door is not run.
pub(crate) const LOCKED_OUT: Text = text(
    "the checker did not get in: see the first line",
    "le vérificateur n'est pas entré : voir la première ligne",
);
