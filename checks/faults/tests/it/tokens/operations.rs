//! Every operation of the three services, and a good request for each.

use serde_json::{Value, json};
use testkit::{Call, Client};

/// The callers that an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// Everyone, without a token.
    All,
    /// Every account.
    Users,
    /// The owner of the person in the path, and administrators.
    Owner,
    /// The health service.
    Health,
}

/// An operation: its service, method and path template, its callers, and the status that they get.
pub(super) type Operation = (&'static str, &'static str, &'static str, For, u16);

/// The operations of each service, in an order in which one owner gets these statuses.
pub(super) const OPERATIONS: &[Operation] = &[
    ("auth", "POST", "/register", For::All, 201),
    ("auth", "POST", "/login", For::All, 200),
    ("auth", "GET", "/me", For::Users, 200),
    // The tokens of these tests are valid but have no account.
    ("auth", "PUT", "/me/password", For::Users, 401),
    ("auth", "DELETE", "/me", For::Users, 401),
    ("person", "POST", "/persons", For::Users, 201),
    ("person", "GET", "/persons", For::Users, 200),
    ("person", "GET", "/persons/deleted", For::Health, 200),
    ("person", "GET", "/persons/{id}", For::Owner, 200),
    ("person", "PUT", "/persons/{id}", For::Owner, 200),
    ("health", "GET", "/vitals", For::All, 200),
    ("health", "POST", "/health/{person_id}", For::Owner, 201),
    ("health", "GET", "/health/{person_id}", For::Owner, 200),
    ("health", "PUT", "/health/{person_id}", For::Owner, 200),
    ("health", "PATCH", "/health/{person_id}", For::Owner, 200),
    ("health", "DELETE", "/health/{person_id}", For::Owner, 204),
    ("person", "DELETE", "/persons/{id}", For::Owner, 204),
];

/// The paths of every service, which need no token.
pub(super) const COMMON: &str =
    "/ /livez /readyz /metrics /openapi.json /docs /docs/{file} /problems /problems/{slug}";

/// Returns the operations that need a token.
pub(super) fn protected() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|(_, _, _, callers, _)| *callers != For::All)
}

/// Returns the path of a template for person 1, or for a problem or a file of every service.
pub(super) fn path(template: &str) -> String {
    let path = template.replace("{id}", "1").replace("{person_id}", "1");
    path.replace("{slug}", "missing-token").replace("{file}", "page.js")
}

/// Returns a request with a good body.
pub(super) fn request(client: &Client, method: &str, path: &str) -> Call {
    let call = client.call(method, path);
    match body(method, path) {
        Some(body) => call.json(&body),
        None => call,
    }
}

fn body(method: &str, path: &str) -> Option<Value> {
    match (method, path) {
        ("POST", "/register" | "/login") => {
            Some(json!({"username": "grace", "password": "nanoseconds of wire"}))
        }
        ("PUT", "/me/password") => {
            Some(json!({"current_password": "analytical engine", "new_password": "nanoseconds of wire"}))
        }
        ("POST" | "PUT", path) if path.starts_with("/persons") => Some(json!({"name": "Eve"})),
        ("POST" | "PUT" | "PATCH", _) => Some(json!({"weight": 70.5})),
        _ => None,
    }
}
