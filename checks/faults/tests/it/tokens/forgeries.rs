//! The table of forgeries. Each differs from a good token, or from the good way to send one, in the one thing that it
//! is named after, and is refused for that one: the reason is part of the table.

mod algorithms;
mod claims;
mod encodings;
mod forms;
mod headers;
mod json;
mod keys;
mod times;

use super::maker::Maker;

const SIGNATURE: &str = "its signature is wrong";
const ALGORITHM: &str = "its algorithm is not HS256";
const MALFORMED: &str = "it is malformed";
const KEY: &str = "its key is unknown";
const TYPE: &str = "its typ is not at+jwt";
const FORM: &str = "the header is not of the form Bearer <token>";

/// Something that must not be let in.
pub(super) struct Forgery {
    /// What is wrong with it.
    pub(super) name: String,
    /// The header lines that carry it.
    pub(super) lines: Vec<(&'static str, String)>,
    /// What is added to the path.
    pub(super) query: String,
    /// The reason for which it is refused; none where no token is seen at all.
    pub(super) reason: Option<&'static str>,
}

impl Forgery {
    fn sent_as(name: impl Into<String>, lines: Vec<(&'static str, String)>, reason: &'static str) -> Self {
        Self { name: name.into(), lines, query: String::new(), reason: Some(reason) }
    }
}

/// A token sent the way a good one is.
fn token(name: impl Into<String>, token: String, reason: &'static str) -> Forgery {
    Forgery::sent_as(name, vec![("Authorization", format!("Bearer {token}"))], reason)
}

/// All that is made of this good token. `nobody` is a URL of keys that nobody may fetch.
pub(super) fn all(maker: &Maker, nobody: &str) -> Vec<Forgery> {
    [
        algorithms::all(maker),
        keys::all(maker),
        headers::all(maker, nobody),
        claims::all(maker),
        times::all(maker),
        encodings::all(maker),
        json::all(maker),
        forms::all(maker),
    ]
    .into_iter()
    .flatten()
    .collect()
}
