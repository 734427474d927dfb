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
    name: "PERSON_LISTEN",
    default: Some("127.0.0.1:5001"),
    meaning: "address and port to listen on",
};

#[cfg(not(feature = "cluster"))]
const DB_MEANING: &str = "the SQLite database";
#[cfg(feature = "cluster")]
const DB_MEANING: &str =
    "the SQLite database, or postgres://USER@HOST,HOST/DATABASE (`restore` fills an empty one)";

/// The database.
pub const DB: Variable =
    Variable { name: "PERSON_DB", default: Some("data/person/person.db"), meaning: DB_MEANING };

/// The default is more than a person enters by hand, and with the longest names some 10 MB.
const LIMIT: Variable = Variable {
    name: "PERSON_LIMIT",
    default: Some("10000"),
    meaning: "persons that one account may own, 1 to 1000000000",
};

/// Every variable that the service reads.
pub const VARIABLES: &[Variable] = &[
    LISTEN,
    DB,
    #[cfg(feature = "cluster")]
    postgres::PASSWORD_FILE,
    LIMIT,
    JWT_KEYS_FILE,
    DRAIN_SECONDS,
    ALLOWED_ORIGINS,
    RELATED_SERVICES,
    LIVE,
];

/// The configuration of a person service.
#[derive(Debug)]
pub struct Config {
    /// Where the persons are.
    pub db: Location,
    /// The persons that one account may own, unless it is an administrator's.
    pub limit: u32,
    /// The keys that verify tokens.
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
        let limit = reader.read(&LIMIT, parse_limit);
        let keys = reader.read(&JWT_KEYS_FILE, Keys::load);
        let settings = Settings::read(reader);
        Some(Self { db: db?, limit: limit?, keys: keys?, erase_after: ERASE_AFTER, settings: settings? })
    }
}

fn parse_limit(value: &str) -> Result<u32, String> {
    let limit = value.parse().ok().filter(|limit| (1..=1_000_000_000).contains(limit));
    limit.ok_or_else(|| "expected a whole number from 1 to 1000000000".to_owned())
}
