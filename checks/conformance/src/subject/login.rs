//! A login: the request that turns a username and a password into a token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Subject;
use crate::fields::Fields;
use crate::http::Exchange;
use crate::shape::token_in;

/// How a login carries the username and the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    /// The form of an OAuth2 password login.
    Form,
    Basic,
    /// The query of the URL.
    Query,
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Form => "form",
            Self::Basic => "basic",
            Self::Query => "query",
        }
    }
}

/// A login that the version has, with an account that may use it.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) encoding: Encoding,
    /// The fields for username and password.
    pub(crate) names: [String; 2],
    /// The other fields of the body.
    pub(crate) others: Map<String, Value>,
    pub(crate) username: String,
    pub(crate) password: String,
    /// Whether the checker registered the account, and may do anything with it.
    pub(crate) is_own: bool,
}

impl Login {
    /// Returns the login that the fields file describes.
    pub(crate) fn described(fields: &Fields, names: &[String; 2]) -> Option<Self> {
        let login = fields.login.clone()?;
        let body = login.body.as_object().cloned().unwrap_or_default();
        let is_secret = |name: &str| {
            ["pass", "mot", "mdp", "pwd", "secret"].iter().any(|part| name.to_lowercase().contains(part))
        };
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let strings = || body.iter().filter(|(_, value)| value.is_string()).map(|(name, _)| name.clone());
        let password = fields.password.clone().or_else(|| strings().find(|name| is_secret(name)));
        let password = password.unwrap_or_else(|| names[1].clone());
        let username = fields.username.clone().or_else(|| strings().find(|name| *name != password));
        let username = username.unwrap_or_else(|| names[0].clone());
        let encoding = if login.basic {
            Encoding::Basic
        } else if login.form {
            Encoding::Form
        } else {
            Encoding::Json
        };
        let mut others = body.clone();
        others.retain(|name, _| *name != username && *name != password);
        Some(Self {
            method: login.method.unwrap_or_else(|| "POST".to_owned()),
            url: login.url,
            encoding,
            username: text(&username).unwrap_or_default(),
            password: text(&password).unwrap_or_default(),
            names: [username, password],
            others,
            is_own: false,
        })
    }

    /// Returns the same login for another account.
    pub(crate) fn with(&self, username: &str, password: &str) -> Self {
        Self { username: username.to_owned(), password: password.to_owned(), ..self.clone() }
    }

    /// Returns the request in words, for the report. The password is shown if it is a guess of the checker.
    pub(crate) fn text(&self) -> String {
        let account =
            if self.is_own { String::new() } else { format!(" as {} / {}", self.username, self.password) };
        format!("{} {} ({}){account}", self.method, self.url, self.encoding.name())
    }
}

impl Subject {
    /// Sends a login.
    pub(crate) fn log_in(&self, login: &Login) -> Exchange {
        let [user, pass] = [&login.username, &login.password];
        let form = || {
            let pairs = [(&login.names[0], user), (&login.names[1], pass)];
            let given = pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
            let others = login.others.iter().map(|(name, value)| {
                format!("{}={}", escaped(name), escaped(value.as_str().unwrap_or(&value.to_string())))
            });
            given.into_iter().chain(others).collect::<Vec<_>>().join("&")
        };
        let url = match login.encoding {
            Encoding::Query => format!("{}?{}", login.url, form()),
            _ => login.url.clone(),
        };
        let request = self.request_to(&login.method, url).without_token();
        match login.encoding {
            Encoding::Json => {
                let mut body = login.others.clone();
                body.insert(login.names[0].clone(), json!(user));
                body.insert(login.names[1].clone(), json!(pass));
                request.json(body).send()
            }
            Encoding::Form => request.body("application/x-www-form-urlencoded", &form()).send(),
            Encoding::Basic => {
                let value = format!("Basic {}", STANDARD.encode(format!("{user}:{pass}")));
                request.header("Authorization", &value).send()
            }
            Encoding::Query => request.send(),
        }
    }

    /// Sends a login, and returns the token.
    pub(crate) fn token_from(&self, login: &Login) -> Option<String> {
        token_of(&self.log_in(login))
    }
}

/// Returns the token that a login returned.
pub(crate) fn token_of(exchange: &Exchange) -> Option<String> {
    token_in(&exchange.text()).filter(|_| exchange.is_ok())
}

/// Escapes text for a form or a query.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (byte as char).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
