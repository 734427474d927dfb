//! How a check ends: passed is `Ok`, and the two other ends are errors, so that `?` ends a check.

use crate::text::Text;

/// Why a check did not pass.
#[derive(Debug, Clone)]
pub enum Stop {
    /// The version broke the promise; the text describes how.
    Failed(Text),
    /// The check could not run; the text gives the reason.
    Skipped(Text),
}

/// Fails the check.
pub(crate) fn fail<T>(text: Text) -> Result<T, Stop> {
    Err(Stop::Failed(text))
}

/// Fails the check unless a condition holds.
pub(crate) fn ensure(holds: bool, text: Text) -> Result<(), Stop> {
    if holds { Ok(()) } else { fail(text) }
}

/// Skips the check.
pub(crate) fn skip<T>(text: Text) -> Result<T, Stop> {
    Err(Stop::Skipped(text))
}
