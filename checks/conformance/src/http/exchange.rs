//! What was sent and what came, and the questions that checks ask of it.

use std::time::Duration;

use serde_json::Value;

use crate::check::{Stop, ensure, fail};
use crate::http::Ask;
use crate::text::{Lang, Text, said};

/// How much of a body is shown.
const SHOWN: usize = 200;
/// How much of it in a sentence.
const BRIEF: usize = 60;

/// What was sent and what came.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was sent.
    pub ask: Ask,
    /// What came.
    pub came: Result<Answer, Trouble>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Why there is none.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// Nobody listens there.
    Refused,
    /// The name leads nowhere.
    NoSuchHost,
    /// The connection was closed before the answer was whole.
    Closed,
    /// Nothing whole came in this time.
    Silent(Duration),
    /// What came is not HTTP.
    Broken(String),
}

impl Trouble {
    /// In words.
    pub fn text(&self) -> Text {
        match self {
            Self::Refused => said("connection refused", "connexion refusée"),
            Self::NoSuchHost => said("no such host", "hôte introuvable"),
            Self::Closed => {
                said("closed before the answer was whole", "connexion fermée avant la fin de la réponse")
            }
            Self::Silent(waited) => said(
                format!("no whole answer within {} s", waited.as_secs_f32()),
                format!("pas de réponse complète en {} s", waited.as_secs_f32()),
            ),
            Self::Broken(what) => {
                said(format!("not an HTTP answer ({what})"), format!("pas une réponse HTTP ({what})"))
            }
        }
    }
}

impl Exchange {
    /// The status, if an answer came.
    pub fn status(&self) -> Option<u16> {
        self.came.as_ref().ok().map(|answer| answer.status)
    }

    /// Whether the answer is a 2xx.
    pub fn is_ok(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = &self.came.as_ref().ok()?.headers;
        headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The body of the answer as text; empty if none came.
    pub fn text(&self) -> String {
        let body = self.came.as_ref().map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        body.unwrap_or_default()
    }

    /// The body of the answer as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.came.as_ref().ok()?.body).ok()
    }

    /// Whether the answer says that its body is JSON, and it is.
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.contains("json")) && self.json().is_some()
    }

    /// Fails unless the status is one of these.
    pub fn must_be(&self, statuses: &[u16]) -> Result<(), Stop> {
        let wanted: Vec<_> = statuses.iter().map(u16::to_string).collect();
        let is_wanted = self.status().is_some_and(|status| statuses.contains(&status));
        self.must(is_wanted, &wanted.join(" or "), &wanted.join(" ou "))
    }

    /// Fails unless the answer is a 2xx.
    pub fn must_be_ok(&self) -> Result<(), Stop> {
        self.must(self.is_ok(), "a 2xx", "un 2xx")
    }

    /// Fails if the answer is a 2xx; whatever else came, even nothing, will do.
    pub fn must_not_be_ok(&self) -> Result<(), Stop> {
        self.must(!self.is_ok(), "no 2xx", "tout sauf un 2xx")
    }

    /// Fails unless something holds that was wanted.
    pub fn must(&self, holds: bool, en: &str, fr: &str) -> Result<(), Stop> {
        ensure(
            holds,
            said(
                format!("{}: expected {en}, came {}", self.sent(), self.came_in(Lang::En, BRIEF)),
                format!("{} : attendu {fr}, reçu {}", self.sent(), self.came_in(Lang::Fr, BRIEF)),
            ),
        )
    }

    /// Fails, with what is wrong with the answer.
    pub fn wrong<T>(&self, en: &str, fr: &str) -> Result<T, Stop> {
        fail(said(format!("{}: {en}", self.sent()), format!("{} : {fr}", self.sent())))
    }

    /// The path that was asked.
    pub fn path(&self) -> String {
        format!("/{}", self.ask.url.splitn(4, '/').nth(3).unwrap_or_default())
    }

    /// Method and path.
    pub fn sent(&self) -> String {
        format!("{} {}", self.ask.method, shorten(self.path().as_bytes(), SHOWN))
    }

    /// What was sent, in one line, without its header lines: tokens are the business of nobody who reads a report.
    pub fn sent_line(&self) -> String {
        let body =
            self.ask.body.as_ref().map(|body| format!(" {}", shorten(body, SHOWN))).unwrap_or_default();
        format!("{}{body}", self.sent())
    }

    /// What came, in one line.
    pub fn came_line(&self, lang: Lang) -> String {
        self.came_in(lang, SHOWN)
    }

    fn came_in(&self, lang: Lang, shown: usize) -> String {
        match &self.came {
            Ok(answer) => format!("{} {}", answer.status, shorten(&answer.body, shown)).trim_end().to_owned(),
            Err(trouble) => trouble.text().in_lang(lang).to_owned(),
        }
    }
}

/// The beginning of a body, on one line.
fn shorten(body: &[u8], shown: usize) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * shown)]).into_owned();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // A page that was not written by hand may hold what would move the cursor of a terminal.
    let mut short: String = line.chars().filter(|c| !c.is_control()).take(shown).collect();
    if short.len() < line.len() || body.len() > 4 * shown {
        short.push('…');
    }
    short
}
