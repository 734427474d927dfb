//! Every check. Each file holds those of one area and one kind, as a table with the code that tries them below.

mod auth_accounts;
mod auth_doors;
mod auth_logins;
mod auth_tokens;
mod health_bodies;
mod health_http;
mod health_routes;
mod health_store;
mod health_values;
mod lab;
mod person_bodies;
mod person_http;
mod person_ids;
mod person_routes;
mod questions;
mod rule_asks;
mod rule_failures;
mod rule_statuses;
mod rule_stores;

use crate::check::Check;

const TABLES: [&[Check]; 17] = [
    person_routes::CHECKS,
    person_ids::CHECKS,
    person_http::CHECKS,
    person_bodies::CHECKS,
    health_routes::CHECKS,
    health_http::CHECKS,
    health_bodies::CHECKS,
    health_values::CHECKS,
    health_store::CHECKS,
    rule_stores::CHECKS,
    rule_asks::CHECKS,
    rule_statuses::CHECKS,
    rule_failures::CHECKS,
    auth_accounts::CHECKS,
    auth_logins::CHECKS,
    auth_tokens::CHECKS,
    auth_doors::CHECKS,
];

/// All of them, in the order of a report.
pub fn all() -> impl Iterator<Item = &'static Check> {
    TABLES.into_iter().flatten()
}

/// The one of this name.
pub fn named(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}
