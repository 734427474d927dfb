//! The variables that every service has in common.

use std::time::Duration;

use daemon::config::{Reader, Variable};
use hyper::Uri;

/// How long a service that was ordered to stop still accepts connections.
pub const DRAIN_SECONDS: Variable = Variable {
    name: "DRAIN_SECONDS",
    default: Some("0"),
    meaning: "seconds between the order to stop and the end of accepting, 0 to 60",
};

/// The origins whose pages may read answers.
pub const ALLOWED_ORIGINS: Variable = Variable {
    name: "ALLOWED_ORIGINS",
    default: Some(""),
    meaning: "origins whose pages may call, such as http://localhost:8080, with commas",
};

/// The services that the page of `GET /` links to.
pub const RELATED_SERVICES: Variable = Variable {
    name: "RELATED_SERVICES",
    default: Some(""),
    meaning: "services that GET / links to, such as auth=http://localhost:5003, with commas",
};

/// Whether requests are shown as they happen.
pub const LIVE: Variable = Variable {
    name: "LIVE",
    default: Some("off"),
    meaning: "on shows requests as they happen, at /live: on or off",
};

/// The values of the variables.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// A balancer that probes `/readyz` in this time sends no further connections.
    pub drain: Duration,
    /// Exact origins, each as a browser sends it.
    pub allowed_origins: Vec<String>,
    /// The name and the origin of each service to link to.
    pub related: Vec<(String, String)>,
    /// Whether the page at `/live` and its events are served.
    pub live: bool,
}

impl Settings {
    /// Reads all variables.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let drain = reader.read(&DRAIN_SECONDS, seconds);
        let allowed_origins = reader.read(&ALLOWED_ORIGINS, origins);
        let related = reader.read(&RELATED_SERVICES, named_origins);
        let live = reader.read(&LIVE, on_or_off);
        Some(Self { drain: drain?, allowed_origins: allowed_origins?, related: related?, live: live? })
    }
}

fn seconds(value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| *seconds <= 60);
    seconds.map(Duration::from_secs).ok_or_else(|| "expected a whole number from 0 to 60".to_owned())
}

fn on_or_off(value: &str) -> Result<bool, String> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("expected on or off".to_owned()),
    }
}

fn origins(value: &str) -> Result<Vec<String>, String> {
    let listed = value.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    listed
        .map(|origin| {
            (is_origin(origin) && !has_own_port(origin))
                .then(|| origin.to_owned())
                .ok_or_else(|| expected(origin))
        })
        .collect()
}

fn named_origins(value: &str) -> Result<Vec<(String, String)>, String> {
    let listed = value.split(',').map(str::trim).filter(|named| !named.is_empty());
    listed
        .map(|named| {
            let (name, origin) = named.split_once('=')?;
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            (is_name && is_origin(origin)).then(|| (name.to_owned(), origin.to_owned()))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| "expected names and origins, such as auth=http://localhost:5003".to_owned())
}

fn expected(origin: &str) -> String {
    format!("`{origin}` is not an origin such as http://localhost:8080")
}

/// Returns whether this is an origin: a scheme, a host in lower case, perhaps a port, and nothing else.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    matches!(scheme, "http" | "https")
        && text == format!("{scheme}://{authority}").to_ascii_lowercase()
        && !authority.as_str().contains('@')
}

/// Returns whether an origin names the port of its own scheme, which a browser leaves out (RFC 6454 section 6.2).
fn has_own_port(origin: &str) -> bool {
    origin.starts_with("http:") && origin.ends_with(":80")
        || origin.starts_with("https:") && origin.ends_with(":443")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_origins_are_accepted() {
        let accepted = origins("http://localhost:8080, https://a.example,").unwrap();
        assert_eq!(accepted, ["http://localhost:8080", "https://a.example"]);
        for bad in [
            "*",
            "null",
            "localhost",
            "localhost:8080",
            "http://a/",
            "http://a/b",
            "http://A",
            "http://u@a",
            "http://a:80",
            "https://a:443",
            "ftp://a",
        ] {
            assert!(origins(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn related_services_have_a_name_and_an_origin() {
        let related = named_origins("a=http://localhost:80, b-2=https://b.example").unwrap();
        let named = |name: &str, origin: &str| (name.to_owned(), origin.to_owned());
        assert_eq!(related, [named("a", "http://localhost:80"), named("b-2", "https://b.example")]);
        for bad in ["a", "http://a", "=http://a", "a=b", "a=http://a/", "<=http://a", "a=http://a,b"] {
            assert!(named_origins(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_drain_is_bounded() {
        assert_eq!(seconds("60"), Ok(Duration::from_secs(60)));
        assert!(seconds("61").is_err() && seconds("-1").is_err() && seconds("a").is_err());
    }
}
