//! Requests, and what became of them.

use std::time::Duration;

use serde_json::Value;

use crate::text::{Lang, Text, formatted};

/// How much of a body a line of the report shows.
const SHOWN: usize = 200;

/// A request and its response.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The response, or the reason why there is none.
    pub response: Result<Response, ExchangeError>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a request got no response.
#[derive(Debug, Clone)]
pub enum ExchangeError {
    /// The connection was refused.
    Refused,
    /// The host name does not resolve.
    NoSuchHost,
    /// The connection was closed before the response was complete.
    Closed,
    /// The response was not complete within this time.
    Timeout(Duration),
    /// The response is not HTTP.
    Invalid(String),
}

impl ExchangeError {
    /// Returns a description for a report.
    pub fn text(&self) -> Text {
        match self {
            Self::Refused => formatted("connection refused", "connexion refusée"),
            Self::NoSuchHost => formatted("no such host", "hôte introuvable"),
            Self::Closed => formatted(
                "connection closed before the response was complete",
                "connexion fermée avant la fin de la réponse",
            ),
            Self::Timeout(timeout) => formatted(
                format!("no complete response within {} s", timeout.as_secs_f32()),
                format!("pas de réponse complète en {} s", timeout.as_secs_f32()),
            ),
            Self::Invalid(what) => {
                formatted(format!("not an HTTP response ({what})"), format!("pas une réponse HTTP ({what})"))
            }
        }
    }
}

impl Exchange {
    /// Returns the status, if there is a response.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().ok().map(|response| response.status)
    }

    /// Whether the status is a 2xx.
    pub fn is_ok(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Returns a header of the response.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = &self.response.as_ref().ok()?.headers;
        headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body of the response as text; empty without a response.
    pub fn text(&self) -> String {
        self.response
            .as_ref()
            .map(|response| String::from_utf8_lossy(&response.body).into_owned())
            .unwrap_or_default()
    }

    /// Returns the body of the response as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.response.as_ref().ok()?.body).ok()
    }

    /// Whether the body and its Content-Type are JSON.
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.contains("json")) && self.json().is_some()
    }

    /// Returns the path of the request.
    pub fn path(&self) -> String {
        format!("/{}", self.request.url.splitn(4, '/').nth(3).unwrap_or_default())
    }

    pub(crate) fn method_and_path(&self) -> String {
        format!("{} {}", self.request.method, shorten(self.path().as_bytes(), SHOWN))
    }

    /// Returns the request in one line, without headers: a report must not show tokens.
    pub fn request_text(&self) -> String {
        let body = self.request.body.as_ref().map(|body| format!(" {}", shorten(body, SHOWN)));
        self.method_and_path() + &body.unwrap_or_default()
    }

    /// Returns the response in one line.
    pub fn response_text(&self, lang: Lang) -> String {
        self.response_line(lang, SHOWN)
    }

    pub(crate) fn response_line(&self, lang: Lang, shown: usize) -> String {
        match &self.response {
            Ok(response) => {
                format!("{} {}", response.status, shorten(&response.body, shown)).trim_end().to_owned()
            }
            Err(error) => error.text().in_lang(lang).to_owned(),
        }
    }
}

/// Returns the beginning of a body, on one line.
fn shorten(body: &[u8], shown: usize) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * shown)]).into_owned();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // A control character in a response could move the cursor of the terminal.
    let line = line.split('"').map(|part| if part.starts_with("eyJ") { "eyJ…" } else { part });
    let line = line.collect::<Vec<_>>().join("\"");
    let mut short: String = line.chars().filter(|c| !c.is_control()).take(shown).collect();
    if short.len() < line.len() || body.len() > 4 * shown {
        short.push('…');
    }
    short
}
