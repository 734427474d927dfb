//! The store of accounts, on SQLite. It knows no HTTP and no password, only hashes.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use daemon::Fatal;
use sqlite::rusqlite::{Connection, OptionalExtension as _, Row, params};
use sqlite::{Database, Migrations, check_name};
use storage::{Registry, StoreError};
use token::Role;

use crate::account::{Uid, Username};
use crate::password::Hashed;

const MIGRATIONS: Migrations = &["
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
"];

/// An account.
#[derive(Debug)]
pub struct Account {
    /// Its id.
    pub uid: Uid,
    /// The rights of its holder.
    pub role: Role,
    /// The hash of its password.
    pub password: Hashed,
}

/// The accounts.
#[derive(Debug)]
pub struct Store(Database);

impl Store {
    /// Opens the store, creating it if missing; for `erase_after` see [`Database::open`].
    ///
    /// # Errors
    /// Returns an error message for the operator if the store cannot be opened.
    pub fn open(
        path: &Path,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        Database::open(path, MIGRATIONS, erase_after, fatal, registry).map(Self)
    }

    /// Checks that the store can be read.
    ///
    /// # Errors
    /// Returns the reason for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        self.0.check()
    }

    /// Returns the account of a username.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn find(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        self.0.read(|db| {
            let account = |row: &Row<'_>| {
                let uid = Uid::from_store(row.get(0)?);
                let role: String = row.get(1)?;
                let role = if role == "admin" { Role::Admin } else { Role::User };
                let (salt, hash) = (row.get(2)?, row.get(3)?);
                let password =
                    Hashed { salt, hash, memory_kib: row.get(4)?, passes: row.get(5)?, lanes: row.get(6)? };
                Ok(Account { uid, role, password })
            };
            db.prepare_cached(
                "SELECT uid, role, salt, hash, memory_kib, passes, lanes FROM account WHERE username = ?1",
            )?
            .query_row([username.as_str()], account)
            .optional()
        })
    }

    /// Adds an account; returns `false` if the username is taken.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was changed.
    pub async fn add(&self, username: Username, uid: Uid, password: Hashed) -> Result<bool, StoreError> {
        let insert = move |db: &Connection| {
            let Hashed { salt, hash, memory_kib, passes, lanes } = password;
            let added = db
                .prepare_cached(
                    "INSERT INTO account (username, uid, role, salt, hash, memory_kib, passes, lanes)
                     VALUES (?1, ?2, 'user', ?3, ?4, ?5, ?6, ?7) ON CONFLICT (username) DO NOTHING",
                )?
                .execute(params![username.as_str(), uid.as_str(), salt, hash, memory_kib, passes, lanes])?;
            Ok(added == 1)
        };
        self.0.write(insert).await
    }
}

/// Replaces the database with a copy, see [`sqlite::restore`].
///
/// # Errors
/// Returns an error message for the operator; the database is then unchanged.
pub fn restore(path: &Path, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    sqlite::restore(path, MIGRATIONS, &[], input)
}

/// Changes the role of an account. A service may be running on the same database.
///
/// # Errors
/// Returns an error message for the operator if the database or the user does not exist.
pub fn grant(path: &Path, username: &str, role: &str) -> anyhow::Result<()> {
    if !path.exists() {
        bail!("the database {} does not exist; AUTH_DB names another", path.display());
    }
    check_name(path)?;
    let db = sqlite::connect(path, MIGRATIONS)?;
    let updated = db
        .execute("UPDATE account SET role = ?2 WHERE username = ?1", [username, role])
        .with_context(|| format!("cannot change the database {}", path.display()))?;
    if updated == 0 {
        bail!("the user `{username}` does not exist");
    }
    Ok(())
}
