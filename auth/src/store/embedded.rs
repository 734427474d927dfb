//! The store of accounts on SQLite, in a file that one process owns.

mod schema;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use daemon::Fatal;
use sqlite::rusqlite::{self, Connection, OptionalExtension as _, Row, TransactionBehavior};
use sqlite::{Database, check_name};
use storage::{Registry, StoreError};

use super::{Account, role};
use crate::account::{Uid, Username};
use crate::password::Hashed;

pub(super) use schema::MIGRATIONS;

/// The accounts.
#[derive(Debug)]
pub(super) struct Embedded(Database);

impl Embedded {
    /// For `erase_after` see [`Database::open`].
    pub(super) fn open(
        path: &Path,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        Database::open(path, MIGRATIONS, erase_after, fatal, registry).map(Self)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.0.check()
    }

    pub(super) fn find(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        self.0.read(|db| {
            let account = |row: &Row<'_>| {
                let uid = Uid::from_store(row.get(0)?);
                let role = role(&row.get::<_, String>(1)?);
                let password = Hashed::from_store(row.get(2)?);
                Ok(Account { uid, role, password })
            };
            db.prepare_cached("SELECT uid, role, password FROM account WHERE username = ?1")?
                .query_row([username.as_str()], account)
                .optional()
        })
    }

    pub(super) fn is_taken(&self, username: &Username) -> Result<bool, StoreError> {
        self.0.read(|db| {
            db.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM account WHERE username = ?1 UNION ALL SELECT 1 FROM closed WHERE username = ?1)",
            )?
            .query_row([username.as_str()], |row| row.get(0))
        })
    }

    pub(super) async fn add(
        &self,
        username: Username,
        uid: Uid,
        password: Hashed,
    ) -> Result<bool, StoreError> {
        let insert = move |db: &Connection| {
            let added = db
                .prepare_cached(
                    "INSERT INTO account (username, uid, role, password) SELECT ?1, ?2, 'user', ?3
                     WHERE NOT EXISTS (SELECT 1 FROM closed WHERE username = ?1) ON CONFLICT (username) DO NOTHING",
                )?
                .execute([username.as_str(), uid.as_str(), password.as_str()])?;
            Ok(added == 1)
        };
        self.0.write(insert).await
    }

    pub(super) async fn change_password(
        &self,
        username: Username,
        previous: Hashed,
        password: Hashed,
    ) -> Result<bool, StoreError> {
        let update = move |db: &Connection| {
            let updated = db
                .prepare_cached("UPDATE account SET password = ?3 WHERE username = ?1 AND password = ?2")?
                .execute([username.as_str(), previous.as_str(), password.as_str()])?;
            Ok(updated == 1)
        };
        self.0.write(update).await
    }

    pub(super) async fn close(&self, username: Username) -> Result<bool, StoreError> {
        self.0.write(move |db| close(db, username.as_str())).await
    }
}

/// Closes an account for good: only its username stays. Returns `false` if the account does not exist.
fn close(db: &Connection, username: &str) -> rusqlite::Result<bool> {
    let deleted = db.prepare_cached("DELETE FROM account WHERE username = ?1")?.execute([username])?;
    if deleted == 1 {
        db.prepare_cached("INSERT INTO closed (username) VALUES (?1)")?.execute([username])?;
    }
    Ok(deleted == 1)
}

/// Changes the role of an account. A service may be running on the same database.
///
/// # Errors
/// Returns an error message for the operator if the database or the user does not exist.
pub(super) fn grant(path: &Path, username: &str, role: &str) -> anyhow::Result<()> {
    change(path, username, |db| {
        let updated = db.execute("UPDATE account SET role = ?2 WHERE username = ?1", [username, role])?;
        Ok(updated == 1)
    })
}

/// Closes an account, as its holder can. A service may be running on the same database.
///
/// # Errors
/// Returns an error message for the operator if the database or the user does not exist.
pub(super) fn revoke(path: &Path, username: &str) -> anyhow::Result<()> {
    change(path, username, |db| close(db, username))
}

/// Changes an account in one transaction, in a process that does not serve the database. `job` returns whether the
/// account exists.
fn change(
    path: &Path,
    username: &str,
    job: impl FnOnce(&Connection) -> rusqlite::Result<bool>,
) -> anyhow::Result<()> {
    if !path.exists() {
        bail!("the database {} does not exist; AUTH_DB names another", path.display());
    }
    check_name(path)?;
    let mut db = sqlite::connect(path, MIGRATIONS)?;
    let run = || {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let exists = job(&transaction)?;
        transaction.commit()?;
        Ok::<_, rusqlite::Error>(exists)
    };
    if !run().with_context(|| format!("cannot change the database {}", path.display()))? {
        bail!("the user `{username}` does not exist");
    }
    Ok(())
}
