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

/// An operation: its service, method and path template, its callers, and the status if it succeeds.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) service: &'static str,
    pub(super) method: &'static str,
    pub(super) template: &'static str,
    pub(super) callers: For,
    pub(super) status: u16,
}

const fn operation(
    service: &'static str,
    method: &'static str,
    template: &'static str,
    callers: For,
    status: u16,
) -> Operation {
    Operation { service, method, template, callers, status }
}

/// The operations of each service, in an order in which all succeed for one owner.
pub(super) const OPERATIONS: &[Operation] = &[
    operation("auth", "POST", "/register", For::All, 201),
    operation("auth", "POST", "/login", For::All, 200),
    operation("auth", "GET", "/me", For::Users, 200),
    operation("person", "POST", "/persons", For::Users, 201),
    operation("person", "GET", "/persons", For::Users, 200),
    operation("person", "GET", "/persons/deleted", For::Health, 200),
    operation("person", "GET", "/persons/{id}", For::Owner, 200),
    operation("person", "PUT", "/persons/{id}", For::Owner, 200),
    operation("health", "GET", "/vitals", For::All, 200),
    operation("health", "POST", "/health/{person_id}", For::Owner, 201),
    operation("health", "GET", "/health/{person_id}", For::Owner, 200),
    operation("health", "PUT", "/health/{person_id}", For::Owner, 200),
    operation("health", "PATCH", "/health/{person_id}", For::Owner, 200),
    operation("health", "DELETE", "/health/{person_id}", For::Owner, 204),
    operation("person", "DELETE", "/persons/{id}", For::Owner, 204),
];

/// The paths of every service, which need no token.
pub(super) const COMMON: &str = "/ /livez /readyz /metrics /openapi.json /docs /docs/page.css /docs/page.js /problems \
                                 /problems/{slug}";

/// Returns the operations that need a token.
pub(super) fn protected() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| operation.callers != For::All)
}

/// Returns the path of a template for person 1, or for a problem of every service.
pub(super) fn path(template: &str) -> String {
    template.replace("{id}", "1").replace("{person_id}", "1").replace("{slug}", "missing-token")
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
        ("POST" | "PUT", path) if path.starts_with("/persons") => Some(json!({"name": "Eve"})),
        ("POST" | "PUT" | "PATCH", _) => Some(json!({"weight": 70.5})),
        _ => None,
    }
}
