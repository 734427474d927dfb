//! All checks. Each file has the checks of one area in tables, and below them the code that several checks share.

mod auth;
mod doors;
mod existence;
mod health;
mod lab;
mod needs;
mod person;
mod rule;

pub(crate) use needs::needs;

use crate::check::Check;

const TABLES: [&[Check]; 17] = [
    person::ROUTES,
    person::IDS,
    person::HTTP,
    person::INVALID_BODIES,
    health::ROUTES,
    health::HTTP,
    health::INVALID_BODIES,
    health::VALUES,
    health::STORE,
    existence::SEEN_FROM_OUTSIDE,
    rule::LOOKUPS,
    rule::STATUSES,
    rule::FAILURES,
    auth::ACCOUNTS,
    auth::LOGINS,
    auth::ISSUED_TOKENS,
    doors::CHECKED_TOKENS,
];

/// Returns all checks, in the order of a report.
pub fn all() -> impl Iterator<Item = &'static Check> {
    TABLES.into_iter().flatten()
}

/// Returns the check with this id.
pub fn named(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}
