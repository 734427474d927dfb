//! The tables of forgeries. Each forgery differs from a good token, or from the right way to send one, only in the point
//! that it is named after, and must be refused for the reason in its row.

mod encodings;
mod forms;
mod keys;
mod members;
mod texts;

use super::maker::Maker;

const SIGNATURE: &str = "its signature is wrong";
const ALGORITHM: &str = "its algorithm is not HS256";
const MALFORMED: &str = "it is malformed";
const KEY: &str = "its key is unknown";
const TYPE: &str = "its typ is not at+jwt";
const FORM: &str = "the header is not of the form Bearer <token>";

/// A token, or a way to send one, that must be refused.
pub(super) struct Forgery {
    pub(super) name: String,
    /// The header lines with the token.
    pub(super) lines: Vec<(&'static str, String)>,
    /// The query, appended to the path.
    pub(super) query: String,
    /// The reason in the answer; `None` if the service sees no token.
    pub(super) reason: Option<&'static str>,
}

/// A row of a table: the name, the token, and the reason for its refusal.
type Row = (String, String, &'static str);

fn row(name: impl Into<String>, token: impl Into<String>, reason: &'static str) -> Row {
    (name.into(), token.into(), reason)
}

/// Returns all forgeries of a good token. `foreign_keys` is a URL from which no service may fetch keys.
pub(super) fn all(maker: &Maker, foreign_keys: &str) -> Vec<Forgery> {
    let tables =
        [members::rows(maker), keys::rows(maker, foreign_keys), encodings::rows(maker), texts::rows(maker)];
    let sent = |(name, token, reason)| Forgery {
        name,
        lines: vec![("Authorization", format!("Bearer {token}"))],
        query: String::new(),
        reason: Some(reason),
    };
    tables.into_iter().flatten().map(sent).chain(forms::all(&maker.good())).collect()
}
