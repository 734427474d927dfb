//! Configuration, read from environment variables.

use std::time::Duration;

use chassis::Settings;
use chassis::settings::{ALLOWED_ORIGINS, DRAIN_SECONDS, LIVE, RELATED_SERVICES};
use daemon::config::{Reader, Variable};
use storage::ERASE_AFTER;
use token::keys::{JWT_KEYS_FILE, Keys};

use crate::store::Location;

/// The address of the listener.
pub const LISTEN: Variable = Variable {
    name: "AUTH_LISTEN",
    default: Some("127.0.0.1:5003"),
    meaning: "address and port to listen on",
};

#[cfg(not(feature = "cluster"))]
const DB_MEANING: &str = "the SQLite database";
#[cfg(feature = "cluster")]
const DB_MEANING: &str =
    "the SQLite database, or postgres://USER@HOST,HOST/DATABASE (`restore` fills an empty one)";

/// The database.
pub const DB: Variable =
    Variable { name: "AUTH_DB", default: Some("data/auth/auth.db"), meaning: DB_MEANING };

/// Every variable that the service reads.
pub const VARIABLES: &[Variable] = &[
    LISTEN,
    DB,
    #[cfg(feature = "cluster")]
    postgres::PASSWORD_FILE,
    JWT_KEYS_FILE,
    DRAIN_SECONDS,
    ALLOWED_ORIGINS,
    RELATED_SERVICES,
    LIVE,
];

/// The configuration of an auth service.
#[derive(Debug)]
pub struct Config {
    /// Where the accounts are.
    pub db: Location,
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
        let db = Location::read(reader, &DB);
        let keys = reader.read(&JWT_KEYS_FILE, Keys::load);
        let settings = Settings::read(reader);
        Some(Self { db: db?, keys: keys?, erase_after: ERASE_AFTER, settings: settings? })
    }
}
