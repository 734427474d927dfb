//! The errors of stores.

use std::fmt;

use daemon::Rejected;

/// The kinds of failure that callers treat differently; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The disk is full; nothing was changed.
    Full(String),
    /// Too many writes are waiting, or another process holds the store; nothing was changed.
    Busy,
    /// The disk failed. If that happened during a write its outcome is unknown, and the service ends.
    Unknown(String),
    /// The database server cannot be reached; nothing was changed.
    Unreachable(String),
    /// The connection to the database server broke during a commit: the change was made or not.
    Unsettled(String),
    /// Any other failure; nothing was changed.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many writes are waiting"),
            Self::Full(cause)
            | Self::Unknown(cause)
            | Self::Unreachable(cause)
            | Self::Unsettled(cause)
            | Self::Failed(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<Rejected> for StoreError {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::QueueFull => Self::Busy,
            Rejected::Ended => Self::Failed("the thread of the store has ended".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejected_job_is_busy_only_if_the_queue_is_full() {
        assert_eq!(StoreError::from(Rejected::QueueFull), StoreError::Busy);
        assert!(matches!(StoreError::from(Rejected::Ended), StoreError::Failed(_)));
    }

    #[test]
    fn the_message_is_the_cause() {
        assert_eq!(StoreError::Busy.to_string(), "too many writes are waiting");
        assert_eq!(StoreError::Full("no space".to_owned()).to_string(), "no space");
    }
}
