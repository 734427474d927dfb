//! Every operation of the three services, and how to ask for it.

use std::collections::BTreeSet;

use faults::trio::Service;
use serde_json::{Value, json};
use testkit::{Call, Client};

/// Who an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// Anybody, without a token.
    All,
    /// Whoever has a token of auth.
    Users,
    /// The owner of the person in the path, and administrators.
    Owner,
    /// Health alone.
    Health,
}

/// An operation: its service, its method, its path with the person 1 in it, its template, whom it is for and the status
/// where all goes well.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) service: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) template: &'static str,
    pub(super) open_to: For,
    pub(super) status: u16,
}

const fn operation(
    service: &'static str,
    method: &'static str,
    path: &'static str,
    open_to: For,
    status: u16,
) -> Operation {
    Operation { service, method, path, template: path, open_to, status }
}

const fn of_one(
    service: &'static str,
    method: &'static str,
    (path, template): (&'static str, &'static str),
    status: u16,
) -> Operation {
    Operation { service, method, path, template, open_to: For::Owner, status }
}

const PERSON: (&str, &str) = ("/persons/1", "/persons/{id}");
const RECORD: (&str, &str) = ("/health/1", "/health/{person_id}");

/// What each has of its own, in an order in which all of them go well for one owner, one after the other.
pub(super) const OPERATIONS: &[Operation] = &[
    operation("auth", "POST", "/register", For::All, 201),
    operation("auth", "POST", "/login", For::All, 200),
    operation("auth", "GET", "/me", For::Users, 200),
    operation("person", "POST", "/persons", For::Users, 201),
    operation("person", "GET", "/persons", For::Users, 200),
    operation("person", "GET", "/persons/deleted", For::Health, 200),
    of_one("person", "GET", PERSON, 200),
    of_one("person", "PUT", PERSON, 200),
    operation("health", "GET", "/vitals", For::All, 200),
    of_one("health", "POST", RECORD, 201),
    of_one("health", "GET", RECORD, 200),
    of_one("health", "PUT", RECORD, 200),
    of_one("health", "PATCH", RECORD, 200),
    of_one("health", "DELETE", RECORD, 204),
    of_one("person", "DELETE", PERSON, 204),
];

/// What every service answers, without a token; the one problem that has a page for certain stands for all.
pub(super) const COMMON: &[(&str, &str)] = &[
    ("/", "/"),
    ("/livez", "/livez"),
    ("/readyz", "/readyz"),
    ("/metrics", "/metrics"),
    ("/openapi.json", "/openapi.json"),
    ("/docs", "/docs"),
    ("/docs/page.css", "/docs/page.css"),
    ("/docs/page.js", "/docs/page.js"),
    ("/problems", "/problems"),
    ("/problems/missing-token", "/problems/{slug}"),
];

/// Begins the request for an operation, with a body that will do.
pub(super) fn ask(client: &Client, method: &str, path: &str) -> Call {
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

/// The methods and path templates that a service says in its OpenAPI document that it serves.
pub(super) fn documented(service: &Service) -> BTreeSet<(String, String)> {
    let document = service.client.get("/openapi.json").expect(200).json();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("a path item").keys().filter(|key| *key != "parameters") {
            operations.insert((method.to_ascii_uppercase(), path.clone()));
        }
    }
    operations
}
