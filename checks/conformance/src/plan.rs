//! What to check, and how.

use std::net::SocketAddr;
use std::time::Duration;

use crate::fields::Fields;

/// The version to check, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The URL of person, if it is to be checked.
    pub person: Option<String>,
    /// The URL of health.
    pub health: Option<String>,
    /// The URL of auth.
    pub auth: Option<String>,
    /// Where an auth service may be, if none is given.
    pub auth_guesses: Vec<String>,
    /// Where the health service under test calls person: the checker plays person there.
    pub play: Option<SocketAddr>,
    /// A token to send with every request.
    pub token: Option<String>,
    /// The names that this version uses.
    pub fields: Fields,
    /// The timeout of each request.
    pub patience: Duration,
    /// The checks to run, by id, area, level or task; all if empty.
    pub only: Vec<String>,
    /// A shell command that restarts the version.
    pub restart: Option<String>,
    /// Whether checks may run that can destroy the data of the version.
    pub may_destroy: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            person: None,
            health: None,
            auth: None,
            auth_guesses: Vec::new(),
            play: None,
            token: None,
            fields: Fields::default(),
            patience: Duration::from_secs(10),
            only: Vec::new(),
            restart: None,
            may_destroy: false,
        }
    }
}
