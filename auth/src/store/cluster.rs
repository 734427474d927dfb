//! The store of accounts over a PostgreSQL cluster, for any number of replicas at once.

mod copies;
mod schema;

use std::sync::Arc;

use anyhow::{Context as _, bail};
use postgres::{Database, Decision, Failure, Job, Session, Url, run_command};
use storage::{Registry, StoreError};

use super::{Account, role};
use crate::account::{Uid, Username};
use crate::password::Hashed;
use crate::throttle::Throttle;

use schema::MIGRATIONS;

pub(super) use copies::{backup, restore};

#[derive(Debug)]
pub(super) struct Cluster(Arc<Database>);

impl Cluster {
    pub(super) fn open(url: Url, registry: &mut Registry) -> Self {
        Self(Arc::new(Database::open(url, MIGRATIONS, crate::NAME, registry)))
    }

    pub(super) fn throttle(&self) -> Throttle {
        Throttle::shared(Arc::clone(&self.0))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.0.check()
    }

    pub(super) async fn find(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT uid, role, password FROM account WHERE username = $1 AND uid IS NOT NULL";
        let rows = self.0.read(sql, &[&username.as_str()]).await?;
        Ok(rows.first().map(|row| Account {
            uid: Uid::from_store(row.get(0)),
            role: role(row.get(1)),
            password: Hashed::from_store(row.get(2)),
        }))
    }

    pub(super) async fn is_taken(&self, username: &Username) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM account WHERE username = $1";
        Ok(!self.0.read(sql, &[&username.as_str()]).await?.is_empty())
    }

    pub(super) async fn add(
        &self,
        username: Username,
        uid: Uid,
        password: Hashed,
    ) -> Result<bool, StoreError> {
        self.change(username.as_str(), Change::Add(uid, password)).await
    }

    pub(super) async fn change_password(
        &self,
        username: Username,
        previous: Hashed,
        password: Hashed,
    ) -> Result<bool, StoreError> {
        self.change(username.as_str(), Change::Password(previous, password)).await
    }

    pub(super) async fn close(&self, username: Username) -> Result<bool, StoreError> {
        self.change(username.as_str(), Change::Close).await
    }

    async fn change(&self, username: &str, change: Change) -> Result<bool, StoreError> {
        self.0.write(&AccountChange { username: username.to_owned(), change }).await
    }
}

/// What becomes of an account.
enum Change {
    Add(Uid, Hashed),
    /// From one password to another.
    Password(Hashed, Hashed),
    Role(String),
    Close,
}

struct AccountChange {
    username: String,
    change: Change,
}

impl Job for AccountChange {
    /// Whether the account was as the change requires.
    type Output = bool;

    async fn run(&self, session: &Session) -> Result<Decision<bool>, Failure> {
        let name = &self.username;
        // Each is one statement on one row: it checks and writes under the lock of the row.
        let changed = match &self.change {
            Change::Add(uid, password) => {
                let sql = "INSERT INTO account (username, uid, role, password) VALUES ($1, $2, 'user', $3)
                           ON CONFLICT (username) DO NOTHING RETURNING 1";
                session.rows(sql, &[name, &uid.as_str(), &password.as_str()]).await?
            }
            Change::Password(previous, password) => {
                let sql =
                    "UPDATE account SET password = $3 WHERE username = $1 AND password = $2 RETURNING 1";
                session.rows(sql, &[name, &previous.as_str(), &password.as_str()]).await?
            }
            Change::Role(role) => {
                let sql = "UPDATE account SET role = $2 WHERE username = $1 AND uid IS NOT NULL RETURNING 1";
                session.rows(sql, &[name, role]).await?
            }
            Change::Close => {
                let sql = "UPDATE account SET uid = NULL, password = NULL, role = 'user'
                           WHERE username = $1 AND uid IS NOT NULL RETURNING 1";
                session.rows(sql, &[name]).await?
            }
        };
        Ok(if changed.is_empty() { Decision::RollBack(false) } else { Decision::Commit(true) })
    }
}

pub(super) fn grant(url: &Url, username: &str, role: &str) -> anyhow::Result<()> {
    command(url, username, Change::Role(role.to_owned()))
}

pub(super) fn revoke(url: &Url, username: &str) -> anyhow::Result<()> {
    command(url, username, Change::Close)
}

/// Changes an account in a process that does not serve.
fn command(url: &Url, username: &str, change: Change) -> anyhow::Result<()> {
    let changed = run_command(url.clone(), MIGRATIONS, crate::NAME, async |database| {
        let change = AccountChange { username: username.to_owned(), change };
        database.write(&change).await.context("cannot change the database")
    })?;
    if !changed {
        bail!("the user `{username}` does not exist");
    }
    Ok(())
}
