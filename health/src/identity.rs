//! The identity of person's database: in another database the same id is another person, and a deletion another one.
//! Health keeps the first identity that it sees with its records, and refuses answers from any other database.

use std::sync::Arc;

use ureq::http::HeaderMap;

/// The header in which person names its database.
const PERSON_STORE: &str = "person-store";
/// Person sends a UUID of 36 characters. A longer text is not an identity: health keeps it in memory and in its log.
const LONGEST: usize = 64;

/// The identity in an answer of person; `None` from an implementation of person that sends no identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity(pub(crate) Option<Arc<str>>);

/// The records belong to another database than the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replaced;

/// How the identity in an answer compares with the remembered one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// It is the remembered one, or none was ever seen.
    Same,
    /// It is the first one.
    First,
    /// It is another one, or is missing though one was seen before.
    Other,
}

impl Identity {
    /// Reads the identity of an answer; `None` if the header is not one short text.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(PERSON_STORE).iter();
        let Some(value) = values.next() else { return Some(Self(None)) };
        let text = value.to_str().ok().filter(|text| (1..=LONGEST).contains(&text.len()))?;
        values.next().is_none().then(|| Self(Some(text.into())))
    }

    pub(crate) fn compare(&self, remembered: Option<&str>) -> Comparison {
        match (remembered, self.0.as_deref()) {
            (None, Some(_)) => Comparison::First,
            (remembered, sent) if remembered == sent => Comparison::Same,
            _ => Comparison::Other,
        }
    }
}
