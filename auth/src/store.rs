//! Where accounts are kept: SQLite. It knows no HTTP and never sees a password, only what was made of it.

use std::io::Read;
use std::path::{Path, PathBuf};

use chassis::metrics::Metrics;
use daemon::Fatal;
use sqlite::rusqlite::{Connection, OptionalExtension as _, params};
use sqlite::{Access, Database, Error, Migrations};
use token::Role;

use crate::account::Username;
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
"];

/// An account as it is kept.
#[derive(Debug)]
pub struct Account {
    /// What the holder may do.
    pub role: Role,
    /// What is kept of the password.
    pub password: Hashed,
}

/// All accounts.
#[derive(Debug)]
pub struct Store(Database);

impl Store {
    /// Opens the store, or makes it.
    ///
    /// # Errors
    /// A sentence that says why it cannot be used.
    pub fn open(path: &Path, fatal: Fatal, metrics: &mut Metrics) -> Result<Self, String> {
        Database::open(path, MIGRATIONS, fatal, metrics).map(Self)
    }

    /// Whether the store can be read.
    ///
    /// # Errors
    /// What is missing, for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        self.0.check()
    }

    /// Finds an account.
    ///
    /// # Errors
    /// The database did not work.
    pub fn find(&self, username: &Username) -> Result<Option<Account>, Error> {
        self.0.read(|db| {
            let account = |row: &sqlite::rusqlite::Row<'_>| {
                let role: String = row.get(0)?;
                let role = if role == "admin" { Role::Admin } else { Role::User };
                let (salt, hash) = (row.get(1)?, row.get(2)?);
                let password =
                    Hashed { salt, hash, memory_kib: row.get(3)?, passes: row.get(4)?, lanes: row.get(5)? };
                Ok(Account { role, password })
            };
            db.prepare_cached(
                "SELECT role, salt, hash, memory_kib, passes, lanes FROM account WHERE username = ?1",
            )?
            .query_row([username.as_str()], account)
            .optional()
        })
    }

    /// Adds an account; `false` where the username is taken.
    ///
    /// # Errors
    /// The database did not work; nothing was changed.
    pub async fn add(&self, username: Username, password: Hashed) -> Result<bool, Error> {
        let insert = move |db: &Connection| {
            let Hashed { salt, hash, memory_kib, passes, lanes } = password;
            let added = db
                .prepare_cached(
                    "INSERT INTO account (username, role, salt, hash, memory_kib, passes, lanes)
                     VALUES (?1, 'user', ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                )?
                .execute(params![username.as_str(), salt, hash, memory_kib, passes, lanes])?;
            Ok(added == 1)
        };
        self.0.write(insert).await
    }
}

/// Puts a copy in the place of the database, see [`sqlite::restore`].
///
/// # Errors
/// A sentence; the database is what it was.
pub fn restore(path: &Path, input: &mut dyn Read) -> Result<Option<PathBuf>, String> {
    sqlite::restore(path, MIGRATIONS, input)
}

/// Changes the role of an account, beside a service that may be running on the same database.
///
/// # Errors
/// A sentence: no such database, no such user.
pub fn grant(path: &Path, username: &str, role: &str) -> Result<(), String> {
    if !path.exists() {
        return Err(format!("there is no database {}; AUTH_DB names another", path.display()));
    }
    let db = sqlite::connect(path, Access::Existing, MIGRATIONS)?;
    match db.execute("UPDATE account SET role = ?2 WHERE username = ?1", [username, role]) {
        Ok(1) => Ok(()),
        Ok(_) => Err(format!("there is no user `{username}`")),
        Err(error) => Err(format!("the database {} could not be changed: {error}", path.display())),
    }
}
