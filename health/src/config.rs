//! What can be set from outside.

use std::path::PathBuf;
use std::time::Duration;

use daemon::config::{Reader, Variable, path};
use token::keys::{JWT_KEYS_FILE, Keys};
use ureq::http::Uri;

/// Where it listens.
pub const LISTEN: Variable = Variable {
    name: "HEALTH_LISTEN",
    default: Some("127.0.0.1:5002"),
    meaning: "address and port to listen on",
};

/// The log.
pub const FILE: Variable = Variable {
    name: "HEALTH_FILE",
    default: Some("data/health/health.jsonl"),
    meaning: "the log of records",
};

const PERSON_URL: Variable = Variable {
    name: "PERSON_URL",
    default: Some("http://127.0.0.1:5001"),
    meaning: "where the person service answers",
};

const PURGE_SECONDS: Variable = Variable {
    name: "HEALTH_PURGE_SECONDS",
    default: Some("5"),
    meaning: "how often to ask person who was deleted, 1 to 3600",
};

/// Every variable that the service reads.
pub const VARIABLES: &[Variable] = &[LISTEN, FILE, PERSON_URL, PURGE_SECONDS, JWT_KEYS_FILE];

/// The configuration of a health service.
#[derive(Debug)]
pub struct Config {
    /// The log of records.
    pub file: PathBuf,
    /// Where the person service answers, without a slash at the end.
    pub person_url: String,
    /// How often to follow person's deletions.
    pub purge_every: Duration,
    /// What verifies tokens, and signs the one for person's deletions.
    pub keys: Keys,
}

impl Config {
    /// Reads it.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let file = reader.read(&FILE, path);
        let person_url = reader.read(&PERSON_URL, parse_url);
        let purge_every = reader.read(&PURGE_SECONDS, parse_seconds);
        let keys = reader.read(&JWT_KEYS_FILE, Keys::load);
        Some(Self { file: file?, person_url: person_url?, purge_every: purge_every?, keys: keys? })
    }
}

fn parse_url(value: &str) -> Result<String, String> {
    let uri: Option<Uri> = value.parse().ok();
    let sound = uri.is_some_and(|uri| {
        // `Uri` itself takes `person:port`, and whatever stands before an `@`.
        let plain = uri.authority().is_some_and(|authority| {
            let port = authority.port_u16().map_or_else(String::new, |port| format!(":{port}"));
            !authority.host().is_empty() && authority.as_str() == format!("{}{port}", authority.host())
        });
        uri.scheme_str() == Some("http") && plain && uri.path() == "/" && uri.query().is_none()
    });
    if sound {
        Ok(value.trim_end_matches('/').to_owned())
    } else {
        Err("expected something like http://person:5001".to_owned())
    }
}

fn parse_seconds(value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "expected a whole number from 1 to 3600".to_owned())
}
