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
    name: "PERSON_LISTEN",
    default: Some("127.0.0.1:5001"),
    meaning: "address and port to listen on",
};

#[cfg(not(feature = "cluster"))]
const DB_MEANING: &str = "the SQLite database";
#[cfg(feature = "cluster")]
const DB_MEANING: &str = "the SQLite database, or postgres://USER@HOST,HOST/DATABASE";

/// The database.
pub const DB: Variable =
    Variable { name: "PERSON_DB", default: Some("data/person/person.db"), meaning: DB_MEANING };

/// Where the password of a cluster is, if not in its address.
#[cfg(feature = "cluster")]
const PASSWORD_FILE: Variable = Variable {
    name: "PGPASSWORD_FILE",
    default: Some(""),
    meaning: "a file with the password of the cluster; or PGPASSWORD has it",
};

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
    PASSWORD_FILE,
    LIMIT,
    JWT_KEYS_FILE,
    DRAIN_SECONDS,
    ALLOWED_ORIGINS,
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
        #[cfg(not(feature = "cluster"))]
        let db = reader.read(&DB, location);
        #[cfg(feature = "cluster")]
        let db = {
            let given = reader.secret("PGPASSWORD");
            let password = reader.read(&PASSWORD_FILE, |file| postgres::password(file, given));
            let db = reader.read(&DB, |value| location(value, password.as_ref().and_then(Option::as_deref)));
            password.and(db)
        };
        let limit = reader.read(&LIMIT, parse_limit);
        let keys = reader.read(&JWT_KEYS_FILE, Keys::load);
        let settings = Settings::read(reader);
        Some(Self { db: db?, limit: limit?, keys: keys?, erase_after: ERASE_AFTER, settings: settings? })
    }
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

fn parse_limit(value: &str) -> Result<u32, String> {
    let limit = value.parse().ok().filter(|limit| (1..=1_000_000_000).contains(limit));
    limit.ok_or_else(|| "expected a whole number from 1 to 1000000000".to_owned())
}
