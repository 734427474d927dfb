//! The outcomes of a lookup, and what health answers to each.

use std::borrow::Cow;

use chassis::Problem;
use serde::Deserialize;
use serde_json::Value;
use storage::Id;

use crate::identity::Identity;
use crate::problems;

/// The outcome of a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Person answered 200: the person exists and the caller may see them.
    Exists,
    /// Person answered 404.
    Missing,
    /// The answer comes from another database of person.
    Replaced,
    /// Person answered 401.
    Unauthorized,
    /// Person answered 403.
    Forbidden,
    /// Person did not answer at all, or answered 503.
    Unreachable,
    /// The response was not complete in time.
    Timeout,
    /// Health could not open a connection: it has too many files open.
    NoDescriptor,
    /// The response was truncated, is not about this person, has an unexpected status, or is not one of a person service.
    InvalidResponse,
}

/// An answer of person, or the failure to get one.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// The status of the response, unless it is missing.
    pub(super) status: Option<u16>,
    pub(super) identity: Identity,
}

impl From<Outcome> for Answer {
    /// Returns the answer of a lookup without a response.
    fn from(outcome: Outcome) -> Self {
        Self { outcome, status: None, identity: Identity(None) }
    }
}

impl Answer {
    /// Returns whether the answer could be another one if person had another database. A refusal may come from before
    /// the database, and then names none.
    pub(super) fn depends_on_the_database(&self) -> bool {
        match self.outcome {
            Outcome::Exists | Outcome::Missing => true,
            Outcome::Unauthorized | Outcome::Forbidden => self.identity.0.is_some(),
            _ => false,
        }
    }

    /// Returns the identity of the database if the operation may continue.
    ///
    /// # Errors
    /// Returns the problem that health answers instead.
    pub(super) fn into_result(self) -> Result<Identity, Problem> {
        Err(match self.outcome {
            Outcome::Exists => return Ok(self.identity),
            Outcome::Missing => problems::no_such_person(),
            Outcome::Replaced => problems::person_replaced(),
            Outcome::Unauthorized => Problem::invalid_token("the person service does not accept it"),
            Outcome::Forbidden => Problem::insufficient_scope("This person belongs to somebody else."),
            Outcome::Unreachable => problems::person_unreachable(),
            Outcome::Timeout => problems::person_timeout(),
            Outcome::NoDescriptor => Problem::too_busy("Too many files are open."),
            Outcome::InvalidResponse => problems::person_broken(self.status),
        })
    }
}

impl Outcome {
    /// Returns the outcome of a complete response to the lookup of `id`.
    pub(super) fn of(status: u16, body: &[u8], id: Id) -> Self {
        match status {
            200 if is_person(body, id) => Self::Exists,
            404 if is_refusal(body, &["no-such-person"]) => Self::Missing,
            401 if is_refusal(body, &["missing-token", "invalid-token"]) => Self::Unauthorized,
            403 if is_refusal(body, &["insufficient-scope"]) => Self::Forbidden,
            503 => Self::Unreachable,
            _ => Self::InvalidResponse,
        }
    }

    /// Returns the name of the outcome in metrics and in `Server-Timing`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Missing => "missing",
            Self::Replaced => "replaced",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::NoDescriptor => "no-descriptor",
            Self::InvalidResponse => "broken",
        }
    }
}

/// Returns whether the body is the requested person: an object with this id and a name.
fn is_person(body: &[u8], id: Id) -> bool {
    #[derive(Deserialize)]
    struct Person<'b> {
        id: i64,
        #[serde(borrow, rename = "name")]
        _name: Cow<'b, str>,
    }
    // serde would take an array of the two for a person too.
    body.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<Person<'_>>(body).is_ok_and(|person| person.id == id.get())
}

/// Returns whether the body is a refusal by a person service. Any web server answers an unknown path with a 404, and so
/// do the other services of the lab: a problem (RFC 9457) must have one of these types. Other implementations of person
/// may send any JSON object without a type, for which `about:blank` is another spelling.
fn is_refusal(body: &[u8], slugs: &[&str]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body.as_object().is_some_and(|members| match members.get("type").map(Value::as_str) {
        None | Some(Some("about:blank")) => true,
        Some(Some(uri)) => slugs.iter().any(|slug| uri.ends_with(&format!("/problems/{slug}"))),
        Some(None) => false,
    })
}
