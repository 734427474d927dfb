//! How a check ends: passed is `Ok`, and the two other ends are errors, so that `?` ends a check.

use crate::http::Exchange;
use crate::text::Text;

/// Why a check did not pass.
#[derive(Debug, Clone)]
pub enum Stop {
    /// The version broke the promise.
    Failed(Failure),
    /// The check could not run; the text gives the reason.
    Skipped(Text),
}

/// How a version broke a promise.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The description.
    pub text: Text,
    /// The exchange that shows it, if one alone does.
    pub exchange: Option<Box<Exchange>>,
}

/// Fails the check.
pub(crate) fn fail<T>(text: Text) -> Result<T, Stop> {
    Err(Stop::Failed(Failure { text, exchange: None }))
}

/// Fails the check unless a condition holds.
pub(crate) fn ensure(holds: bool, text: Text) -> Result<(), Stop> {
    if holds { Ok(()) } else { fail(text) }
}

/// Skips the check.
pub(crate) fn skip<T>(text: Text) -> Result<T, Stop> {
    Err(Stop::Skipped(text))
}
