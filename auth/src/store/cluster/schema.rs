//! The tables. Each statement can be repeated: replicas start at once.

use postgres::Migrations;

pub(super) const MIGRATIONS: Migrations = &[&[
    // The username of a closed account stays, without a password and an id: nobody may register it again.
    "CREATE TABLE IF NOT EXISTS account (
        username TEXT PRIMARY KEY,
        uid      TEXT UNIQUE,
        role     TEXT NOT NULL CHECK (role IN ('user', 'admin')),
        password TEXT,
        CHECK ((uid IS NULL) = (password IS NULL))
    )",
    // The throttle. An empty peer stands for all peers of a username. A row without failures only serves as a lock.
    "CREATE TABLE IF NOT EXISTS failures (
        username TEXT        NOT NULL,
        peer     TEXT        NOT NULL,
        in_a_row BIGINT      NOT NULL DEFAULT 0,
        last     TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (username, peer)
    )",
    "CREATE INDEX IF NOT EXISTS failures_by_age ON failures (last)",
    "CREATE TABLE IF NOT EXISTS welcome (
        username TEXT        NOT NULL,
        peer     TEXT        NOT NULL,
        last     TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (username, peer)
    )",
    "CREATE INDEX IF NOT EXISTS welcome_by_age ON welcome (last)",
    "CREATE TABLE IF NOT EXISTS attempt (
        id       TEXT        PRIMARY KEY,
        username TEXT        NOT NULL,
        peer     TEXT        NOT NULL,
        begun    TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
    )",
    "CREATE INDEX IF NOT EXISTS attempt_by_username ON attempt (username)",
    "CREATE INDEX IF NOT EXISTS attempt_by_age ON attempt (begun)",
]];
