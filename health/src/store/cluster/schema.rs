//! The tables. Each statement can be repeated: replicas start at once.

use postgres::Migrations;

pub(super) const MIGRATIONS: Migrations = &[&[
    // Which database of person the records belong to, and the last deletion of its feed that is done. `generation` counts
    // the databases that an operator has adopted. Every version in the current generation is larger than `first_version`.
    "CREATE TABLE IF NOT EXISTS follows (
        one           INT    PRIMARY KEY CHECK (one = 1),
        origin        TEXT,
        cursor        BIGINT NOT NULL DEFAULT 0,
        generation    BIGINT NOT NULL DEFAULT 0,
        first_version BIGINT NOT NULL DEFAULT 0
    )",
    "INSERT INTO follows (one) VALUES (1) ON CONFLICT (one) DO NOTHING",
    // Without vitals: there is no record now. The row stays, so that its versions go on. TEXT, because it keeps what was
    // written to the byte; JSONB keeps the digits of numbers, but not the order of members.
    "CREATE TABLE IF NOT EXISTS record (
        generation BIGINT NOT NULL,
        id         BIGINT NOT NULL,
        version    BIGINT NOT NULL,
        vitals     TEXT,
        gone       TIMESTAMPTZ,
        PRIMARY KEY (generation, id)
    )",
]];
