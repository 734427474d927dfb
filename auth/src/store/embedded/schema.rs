//! The schema of the accounts, and its migrations.

use sqlite::Migrations;

pub(in crate::store) const MIGRATIONS: Migrations = &["
    CREATE TABLE account (
        username   TEXT    PRIMARY KEY,
        role       TEXT    NOT NULL CHECK (role IN ('user', 'admin')),
        salt       BLOB    NOT NULL,
        hash       BLOB    NOT NULL,
        memory_kib INTEGER NOT NULL,
        passes     INTEGER NOT NULL,
        lanes      INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
", "
    -- The id of an account, a UUID of version 4: unlike its username, no later account ever has it.
    CREATE TABLE account_with_uid (
        username   TEXT    PRIMARY KEY,
        uid        TEXT    NOT NULL UNIQUE,
        role       TEXT    NOT NULL CHECK (role IN ('user', 'admin')),
        salt       BLOB    NOT NULL,
        hash       BLOB    NOT NULL,
        memory_kib INTEGER NOT NULL,
        passes     INTEGER NOT NULL,
        lanes      INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO account_with_uid
        SELECT username,
               lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
                     || substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-'
                     || hex(randomblob(6))),
               role, salt, hash, memory_kib, passes, lanes
        FROM account;
    DROP TABLE account;
    ALTER TABLE account_with_uid RENAME TO account;
", "
    -- A password is one PHC string. SQLite has no base64, so `digits` holds a salt or a hash in hexadecimal, three digits
    -- for two characters: character n of the base64 (RFC 4648, without padding) is the bits from 6n on. The positions
    -- suffice for 64 bytes.
    CREATE TABLE base64 (username TEXT, part TEXT, text TEXT, PRIMARY KEY (username, part)) STRICT, WITHOUT ROWID;
    WITH RECURSIVE
        position (n) AS MATERIALIZED (SELECT 0 UNION ALL SELECT n + 1 FROM position WHERE n < 85),
        binary (username, part, digits) AS (
            SELECT username, 'salt', hex(salt) FROM account UNION ALL SELECT username, 'hash', hex(hash) FROM account
        )
    INSERT INTO base64
        SELECT username, part, (
            SELECT group_concat(substr(
                'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 1 + CASE n % 2
                    WHEN 0 THEN digit * 4 + next_digit / 4
                    ELSE digit % 4 * 16 + next_digit
                END, 1), '' ORDER BY n)
            FROM (
                SELECT n,
                       instr('0123456789ABCDEF', substr(digits, 1 + n * 3 / 2, 1)) - 1 AS digit,
                       instr('0123456789ABCDEF', substr(digits || '0', 2 + n * 3 / 2, 1)) - 1 AS next_digit
                FROM position WHERE n * 3 < length(digits) * 2
            )
        )
        FROM binary;
    CREATE TABLE account_with_phc (
        username TEXT PRIMARY KEY,
        uid      TEXT NOT NULL UNIQUE,
        role     TEXT NOT NULL CHECK (role IN ('user', 'admin')),
        password TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO account_with_phc
        SELECT username, uid, role,
               '$argon2id$v=19$m=' || memory_kib || ',t=' || passes || ',p=' || lanes
                   || '$' || salt.text || '$' || hash.text
        FROM account
        JOIN base64 AS salt USING (username)
        JOIN base64 AS hash USING (username)
        WHERE salt.part = 'salt' AND hash.part = 'hash';
    DROP TABLE base64;
    DROP TABLE account;
    ALTER TABLE account_with_phc RENAME TO account;

    -- The usernames of closed accounts, which nobody may register again: their holder may own persons elsewhere.
    CREATE TABLE closed (username TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"];
