//! `Idempotency-Key`: a client that lost an answer may send its request again without making a second change
//! (draft-ietf-httpapi-idempotency-key-header).

use hyper::header::{HeaderMap, HeaderName};

use crate::problem::{BAD_HEADER, Problem};

const NAME: HeaderName = HeaderName::from_static("idempotency-key");
/// A UUID has 36 characters.
const LENGTH_LIMIT: usize = 64;

/// The name that a client gave to one change: 1 to 64 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses the header of a request; returns `None` if it is missing.
    ///
    /// # Errors
    /// Returns `bad-header` for any other value, and for more than one.
    pub(crate) fn parse(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut given = headers.get_all(NAME).iter();
        let Some(value) = given.next() else { return Ok(None) };
        let text = value.to_str().ok().filter(|text| (1..=LENGTH_LIMIT).contains(&text.len()));
        let text =
            text.filter(|text| given.next().is_none() && text.bytes().all(|b| matches!(b, b' '..=b'~')));
        text.map(|text| Some(Self(text.to_owned()))).ok_or_else(|| {
            let detail = "Send `Idempotency-Key` at most once, with 1 to 64 printable ASCII characters.";
            Problem::new(&BAD_HEADER, detail)
        })
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
