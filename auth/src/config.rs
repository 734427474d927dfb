//! Configuration, read from environment variables.

use std::time::Duration;

use chassis::Settings;
use chassis::settings::{ALLOWED_ORIGINS, DRAIN_SECONDS};
use daemon::config::{Reader, Variable, path};
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
const DB_MEANING: &str = "the SQLite database, or postgres://USER@HOST,HOST/DATABASE";

/// The database.
pub const DB: Variable =
    Variable { name: "AUTH_DB", default: Some("data/auth/auth.db"), meaning: DB_MEANING };

/// Where the password of a cluster is, if not in its address.
#[cfg(feature = "cluster")]
const PASSWORD_FILE: Variable = Variable {
    name: "PGPASSWORD_FILE",
    default: Some(""),
    meaning: "a file with the password of the cluster; or PGPASSWORD has it",
};

/// Every variable that the service reads.
pub const VARIABLES: &[Variable] = &[
    LISTEN,
    DB,
    #[cfg(feature = "cluster")]
    PASSWORD_FILE,
    JWT_KEYS_FILE,
    DRAIN_SECONDS,
    ALLOWED_ORIGINS,
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
        let db = read_location(reader);
        let keys = reader.read(&JWT_KEYS_FILE, Keys::load);
        let settings = Settings::read(reader);
        Some(Self { db: db?, keys: keys?, erase_after: ERASE_AFTER, settings: settings? })
    }
}

/// Reads where the accounts are.
#[cfg(not(feature = "cluster"))]
pub fn read_location(reader: &mut Reader<'_>) -> Option<Location> {
    reader.read(&DB, location)
}

/// Reads where the accounts are.
#[cfg(feature = "cluster")]
pub fn read_location(reader: &mut Reader<'_>) -> Option<Location> {
    let given = reader.secret("PGPASSWORD");
    let password = reader.read(&PASSWORD_FILE, |file| postgres::password(file, given));
    let db = reader.read(&DB, |value| location(value, password.as_ref().and_then(Option::as_deref)));
    password.and(db)
}

#[cfg(not(feature = "cluster"))]
fn location(value: &str) -> Result<Location, String> {
    if value.starts_with("postgres:") || value.starts_with("postgresql:") {
        return Err("this program was built without the feature `cluster`".to_owned());
    }
    path(value).map(Location::File)
}

#[cfg(feature = "cluster")]
fn location(value: &str, password: Option<&str>) -> Result<Location, String> {
    if postgres::Url::is_meant(value) {
        return postgres::Url::parse(value, password).map(Location::Cluster);
    }
    path(value).map(Location::File)
}
