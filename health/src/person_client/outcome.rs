//! The ways in which the question can end, and what health answers to each.

use chassis::Problem;

use crate::routes;

/// What a lookup came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Person said that the person exists and may be seen.
    Exists,
    /// Person said 404.
    Missing,
    /// Person said 401.
    Unauthorized,
    /// Person said 403.
    Forbidden,
    /// No answer at all, or 503.
    Unreachable,
    /// No whole answer in time.
    Late,
    /// An answer that is none.
    Broken,
}

impl Outcome {
    /// Its name in metrics and in `Server-Timing`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Missing => "missing",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::Late => "timeout",
            Self::Broken => "broken",
        }
    }

    /// What it means for the operation.
    ///
    /// # Errors
    /// What health answers instead.
    pub(super) fn into_result(self, status: Option<u16>) -> Result<(), Problem> {
        match self {
            Self::Exists => Ok(()),
            Self::Missing => Err(routes::no_such_person()),
            Self::Unauthorized => Err(Problem::invalid_token("the person service does not accept it")),
            Self::Forbidden => Err(Problem::insufficient_scope("This person belongs to somebody else.")),
            Self::Unreachable => Err(routes::person_unreachable()),
            Self::Late => Err(routes::person_timeout()),
            Self::Broken => Err(routes::person_broken(status)),
        }
    }
}
