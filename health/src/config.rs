//! Configuration, read from environment variables.

use std::time::Duration;

use chassis::Settings;
use chassis::settings::{ALLOWED_ORIGINS, DRAIN_SECONDS, LIVE, RELATED_SERVICES};
use daemon::config::{Reader, Variable};
use storage::ERASE_AFTER;
use token::keys::{JWT_KEYS_FILE, Keys};
use ureq::http::Uri;

use crate::store::Location;

/// The address of the listener.
pub const LISTEN: Variable = Variable {
    name: "HEALTH_LISTEN",
    default: Some("127.0.0.1:5002"),
    meaning: "address and port to listen on",
};

#[cfg(not(feature = "cluster"))]
const FILE_MEANING: &str = "file with the log of records";
#[cfg(feature = "cluster")]
const FILE_MEANING: &str =
    "file with the log of records, or postgres://USER@HOST,HOST/DATABASE (`restore` fills an empty one)";

/// The file of the log.
pub const FILE: Variable =
    Variable { name: "HEALTH_FILE", default: Some("data/health/health.jsonl"), meaning: FILE_MEANING };

const PERSON_URL: Variable = Variable {
    name: "PERSON_URL",
    default: Some("http://127.0.0.1:5001"),
    meaning: "URL of the person service",
};

const PURGE_SECONDS: Variable = Variable {
    name: "HEALTH_PURGE_SECONDS",
    default: Some("5"),
    meaning: "seconds between two purges of deleted persons, 1 to 3600",
};

/// Every variable that the service reads.
pub const VARIABLES: &[Variable] = &[
    LISTEN,
    FILE,
    #[cfg(feature = "cluster")]
    postgres::PASSWORD_FILE,
    PERSON_URL,
    PURGE_SECONDS,
    JWT_KEYS_FILE,
    DRAIN_SECONDS,
    ALLOWED_ORIGINS,
    RELATED_SERVICES,
    LIVE,
];

/// The configuration of a health service.
#[derive(Debug)]
pub struct Config {
    /// Where the records are.
    pub file: Location,
    /// The URL of the person service, without a slash at the end.
    pub person_url: String,
    /// The interval of the purge.
    pub purge_every: Duration,
    /// The keys that verify tokens, and sign the one with which health reads person's feed of deletions.
    pub keys: Keys,
    /// How long deleted records may stay in the log.
    pub erase_after: Duration,
    /// The variables that every service has.
    pub settings: Settings,
}

impl Config {
    /// Reads the configuration; `None` if a variable is invalid.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let file = Location::read(reader, &FILE);
        let person_url = reader.read(&PERSON_URL, parse_url);
        let purge_every = reader.read(&PURGE_SECONDS, parse_seconds);
        let keys = reader.read(&JWT_KEYS_FILE, Keys::load);
        let settings = Settings::read(reader);
        Some(Self {
            file: file?,
            person_url: person_url?,
            purge_every: purge_every?,
            keys: keys?,
            settings: settings?,
            erase_after: ERASE_AFTER,
        })
    }
}

fn parse_url(value: &str) -> Result<String, String> {
    let uri: Option<Uri> = value.parse().ok();
    let valid = uri.is_some_and(|uri| {
        // `Uri` itself accepts `person:port`, and a username before an `@`.
        let plain = uri.authority().is_some_and(|authority| {
            let port = authority.port_u16().map_or_else(String::new, |port| format!(":{port}"));
            !authority.host().is_empty() && authority.as_str() == format!("{}{port}", authority.host())
        });
        uri.scheme_str() == Some("http") && plain && uri.path() == "/" && uri.query().is_none()
    });
    if valid {
        Ok(value.trim_end_matches('/').to_owned())
    } else {
        Err("expected something like http://person:5001".to_owned())
    }
}

fn parse_seconds(value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "expected a whole number from 1 to 3600".to_owned())
}
