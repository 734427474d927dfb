//! The errors of PostgreSQL, by what follows from them.

use std::fmt;

use storage::StoreError;
use tokio_postgres::error::SqlState;

use crate::pool::Lease;

/// Why a statement failed. A [`crate::Job`] passes it on.
#[derive(Debug)]
pub struct Failure(pub(crate) Error);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Error::Conflict | Error::Locked => f.write_str("another transaction is in the way; try again"),
            Error::Lost(cause) | Error::Full(cause) | Error::Refused(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for Failure {}

/// What follows from a failure. The texts hold no value of a statement and no password.
#[derive(Debug)]
pub(crate) enum Error {
    /// The connection broke, exceeded its time, or leads to a server that is no longer the primary: close it.
    Lost(String),
    /// Another transaction was in the way; the same work may succeed now.
    Conflict,
    /// Another transaction holds a row for too long.
    Locked,
    /// The disk of the server is full.
    Full(String),
    /// Any other answer of the server.
    Refused(String),
}

impl Error {
    /// Returns whether a commit that failed with this error may have been made.
    pub(crate) fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Lost(_))
    }

    /// Returns the error to report, or `None` if the work may be repeated. Gives the connection back if it can be used.
    pub(crate) fn after(&self, lease: Lease<'_>) -> Option<StoreError> {
        match self {
            Self::Lost(_) => {
                lease.break_all();
                return None;
            }
            // An open transaction ends with its connection.
            _ => drop(lease),
        }
        match self {
            Self::Lost(_) | Self::Conflict => None,
            Self::Locked => Some(StoreError::Busy),
            Self::Full(cause) => Some(StoreError::Full(cause.clone())),
            Self::Refused(cause) => Some(StoreError::Failed(cause.clone())),
        }
    }

    /// Returns the error to report if there is no time left to repeat the work.
    pub(crate) fn into_unreachable(self) -> StoreError {
        match self {
            Self::Conflict | Self::Locked => StoreError::Busy,
            Self::Lost(cause) | Self::Full(cause) | Self::Refused(cause) => StoreError::Unreachable(cause),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else { return Self::Lost(describe(&error)) };
        let (state, cause) = (answer.code(), describe(&error));
        match state {
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Self::Conflict,
            &SqlState::LOCK_NOT_AVAILABLE => Self::Locked,
            &SqlState::DISK_FULL => Self::Full(cause),
            &SqlState::READ_ONLY_SQL_TRANSACTION => Self::Lost(cause),
            // 08: the connection; 57: the operator stopped the server, or an administrator the connection. A backend that
            // is told to stop while its commit waits for the standby has made the commit already.
            other if other.code().starts_with("08") || other.code().starts_with("57") => Self::Lost(cause),
            _ => Self::Refused(cause),
        }
    }
}

/// Returns the message of the server with its code, or of the client; never the detail, which may quote a value.
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match error.as_db_error() {
        Some(answer) => format!("PostgreSQL: {} ({})", answer.message(), answer.code().code()),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lost_connection_leaves_a_commit_in_doubt() {
        assert!(Error::Lost(String::new()).leaves_doubt());
        for error in [Error::Conflict, Error::Locked, Error::Full(String::new())] {
            assert!(!error.leaves_doubt(), "{error:?}");
        }
    }
}
