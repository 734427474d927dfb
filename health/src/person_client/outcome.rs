//! The outcomes of a lookup, and what health answers to each.

use chassis::Problem;

use crate::problems;

/// The outcome of a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Person answered 200: the person exists and the caller may see them.
    Exists,
    /// Person answered 404.
    Missing,
    /// Person answered 401.
    Unauthorized,
    /// Person answered 403.
    Forbidden,
    /// Person did not answer at all, or answered 503.
    Unreachable,
    /// The response was not complete in time.
    Timeout,
    /// The response was truncated, is not about this person, or has an unexpected status.
    InvalidResponse,
}

impl Outcome {
    /// Returns the name of the outcome in metrics and in `Server-Timing`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Missing => "missing",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::InvalidResponse => "broken",
        }
    }

    /// Returns whether the operation may continue. `status` is the status of the response, unless it is missing.
    ///
    /// # Errors
    /// Returns the problem that health answers instead.
    pub(super) fn into_result(self, status: Option<u16>) -> Result<(), Problem> {
        match self {
            Self::Exists => Ok(()),
            Self::Missing => Err(problems::no_such_person()),
            Self::Unauthorized => Err(Problem::invalid_token("the person service does not accept it")),
            Self::Forbidden => Err(Problem::insufficient_scope("This person belongs to somebody else.")),
            Self::Unreachable => Err(problems::person_unreachable()),
            Self::Timeout => Err(problems::person_timeout()),
            Self::InvalidResponse => Err(problems::person_broken(status)),
        }
    }
}
