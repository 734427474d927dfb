//! Query parameters.

use std::ops::RangeInclusive;

use crate::problem::{BAD_QUERY, Problem};

/// The query parameters of a request, each known to its route and given once.
#[derive(Debug, Default)]
pub struct Query(Vec<(&'static str, String)>);

impl Query {
    /// Splits a query string into parameters.
    ///
    /// # Errors
    /// Returns `bad-query` if a parameter is not in `known` or is repeated.
    pub(crate) fn parse(text: &str, known: &[&'static str]) -> Result<Self, Problem> {
        let mut parameters: Vec<(&'static str, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(known) = known.iter().find(|known| **known == name) else {
                return Err(Problem::new(&BAD_QUERY, format!("The parameter `{name}` is unknown here.")));
            };
            if parameters.iter().any(|(given, _)| given == known) {
                let detail = format!("The parameter `{name}` is given more than once.");
                return Err(Problem::new(&BAD_QUERY, detail));
            }
            parameters.push((known, value.to_owned()));
        }
        Ok(Self(parameters))
    }

    /// Returns a parameter that is a whole number within a range, or `None` if it is missing.
    ///
    /// # Errors
    /// Returns `bad-query` for any other value.
    pub fn number(&self, name: &str, range: RangeInclusive<u64>) -> Result<Option<u64>, Problem> {
        let Some((_, text)) = self.0.iter().find(|(given, _)| *given == name) else { return Ok(None) };
        // Digits only: `parse` would accept `+1`.
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|number| digits && range.contains(number)).map(Some).ok_or_else(|| {
            let (low, high) = range.into_inner();
            Problem::out_of_range(name, low, high)
        })
    }
}
