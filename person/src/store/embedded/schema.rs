//! The tables.

use sqlite::Migrations;

pub(in crate::store) const MIGRATIONS: Migrations = &[
    "
    CREATE TABLE person (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        name    TEXT    NOT NULL,
        owner   TEXT    NOT NULL,
        version INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE INDEX person_by_owner ON person (owner, id);
    CREATE TABLE deleted (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id  INTEGER NOT NULL
    ) STRICT;
    ",
    "
    -- The account that owns the person. NULL until its holder first comes: until then the username owns it.
    ALTER TABLE person ADD COLUMN owner_uid TEXT;
    DROP INDEX person_by_owner;
    CREATE INDEX person_by_owner ON person (owner_uid, id);
    CREATE INDEX person_unclaimed ON person (owner, id) WHERE owner_uid IS NULL;
    -- The number of each account's persons, so that the limit costs no scan.
    CREATE TABLE account (
        uid     TEXT    PRIMARY KEY,
        persons INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    ",
    "
    -- One row: a random UUID of version 4 (RFC 9562). SQLite seeds `randomblob` from the system.
    CREATE TABLE identity (
        one  INTEGER PRIMARY KEY CHECK (one = 1),
        uuid TEXT    NOT NULL
    ) STRICT;
    INSERT INTO identity (one, uuid)
    SELECT 1, lower(
        substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-4' || substr(hex, 14, 3) || '-' ||
        substr('89ab', 1 + (random() & 3), 1) || substr(hex, 18, 3) || '-' || substr(hex, 21, 12)
    ) FROM (SELECT hex(randomblob(16)) AS hex);
    ",
    "
    -- The keys of the last 24 hours, in the order of time. A deleted person leaves a digest of its name here, and no name.
    CREATE TABLE created (
        number INTEGER PRIMARY KEY,
        uid    TEXT    NOT NULL,
        key    TEXT    NOT NULL,
        name   BLOB    NOT NULL,
        id     INTEGER NOT NULL,
        time   INTEGER NOT NULL,
        UNIQUE (uid, key)
    ) STRICT;
    ",
];
