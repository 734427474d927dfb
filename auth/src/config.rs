//! Configuration, read from environment variables.

use std::path::PathBuf;
use std::time::Duration;

use chassis::Settings;
use chassis::settings::{ALLOWED_ORIGINS, DRAIN_SECONDS};
use daemon::config::{Reader, Variable, path};
use storage::ERASE_AFTER;
use token::keys::{JWT_KEYS_FILE, Keys};

/// The address of the listener.
pub const LISTEN: Variable = Variable {
    name: "AUTH_LISTEN",
    default: Some("127.0.0.1:5003"),
    meaning: "address and port to listen on",
};

/// The database.
pub const DB: Variable =
    Variable { name: "AUTH_DB", default: Some("data/auth/auth.db"), meaning: "the SQLite database" };

/// Every variable that the service reads.
pub const VARIABLES: &[Variable] = &[LISTEN, DB, JWT_KEYS_FILE, DRAIN_SECONDS, ALLOWED_ORIGINS];

/// The configuration of an auth service.
#[derive(Debug)]
pub struct Config {
    /// The SQLite database.
    pub db: PathBuf,
    /// The keys that sign and verify tokens.
    pub keys: Keys,
    /// How long deleted content may stay in the database's files.
    pub erase_after: Duration,
    /// The variables that every service has.
    pub settings: Settings,
}

impl Config {
    /// Reads all variables.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let db = reader.read(&DB, path);
        let keys = reader.read(&JWT_KEYS_FILE, Keys::load);
        let settings = Settings::read(reader);
        Some(Self { db: db?, keys: keys?, erase_after: ERASE_AFTER, settings: settings? })
    }
}
