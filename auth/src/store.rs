//! The store of accounts: a file, or with the feature `cluster` a database of a PostgreSQL cluster. It knows no HTTP and
//! no password, only hashes.

#[cfg(feature = "cluster")]
mod cluster;
mod copies;
mod embedded;

use std::time::Duration;

use daemon::Fatal;
use storage::{Registry, StoreError};
use token::Role;

use crate::account::{Uid, Username};
use crate::password::Hashed;
use crate::throttle::Throttle;

#[cfg(feature = "cluster")]
use cluster::Cluster;
use embedded::Embedded;

pub use copies::{backup, restore};
#[cfg(feature = "cluster")]
pub use postgres::Location;
#[cfg(not(feature = "cluster"))]
pub use storage::Location;

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

/// Returns the role that an engine stores as this text.
fn role(text: &str) -> Role {
    if text == "admin" { Role::Admin } else { Role::User }
}

/// The accounts.
#[derive(Debug)]
pub struct Store(Engine);

#[derive(Debug)]
enum Engine {
    Embedded(Embedded),
    #[cfg(feature = "cluster")]
    Cluster(Cluster),
}

impl Store {
    /// Opens the store, creating it if missing. Deleted content may stay in a file for `erase_after`. A cluster may be
    /// unreachable: until it is reached, calls fail.
    ///
    /// # Errors
    /// Returns an error message for the operator if the store cannot be opened.
    pub fn open(
        location: Location,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        match location {
            Location::File(path) => {
                Ok(Self(Engine::Embedded(Embedded::open(&path, erase_after, fatal, registry)?)))
            }
            #[cfg(feature = "cluster")]
            Location::Cluster(url) => Ok(Self(Engine::Cluster(Cluster::open(url, registry)))),
        }
    }

    /// Returns the throttle of guesses for the processes that share this store.
    pub fn throttle(&self) -> Throttle {
        match &self.0 {
            Engine::Embedded(_) => Throttle::default(),
            #[cfg(feature = "cluster")]
            Engine::Cluster(cluster) => cluster.throttle(),
        }
    }

    /// Returns the name of the engine in use.
    pub fn engine_name(&self) -> &'static str {
        match &self.0 {
            Engine::Embedded(_) => "SQLite",
            #[cfg(feature = "cluster")]
            Engine::Cluster(_) => "PostgreSQL",
        }
    }

    /// Checks that the store can be read.
    ///
    /// # Errors
    /// Returns the reason for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        match &self.0 {
            Engine::Embedded(embedded) => embedded.check(),
            #[cfg(feature = "cluster")]
            Engine::Cluster(cluster) => cluster.check(),
        }
    }

    /// Returns the account of a username.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn find(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        match &self.0 {
            Engine::Embedded(embedded) => embedded.find(username),
            #[cfg(feature = "cluster")]
            Engine::Cluster(cluster) => cluster.find(username).await,
        }
    }

    /// Returns whether an account has, or had, this username.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn is_taken(&self, username: &Username) -> Result<bool, StoreError> {
        match &self.0 {
            Engine::Embedded(embedded) => embedded.is_taken(username),
            #[cfg(feature = "cluster")]
            Engine::Cluster(cluster) => cluster.is_taken(username).await,
        }
    }

    /// Adds an account; returns `false` if the username is taken.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was changed, unless the error says otherwise.
    pub async fn add(&self, username: Username, uid: Uid, password: Hashed) -> Result<bool, StoreError> {
        match &self.0 {
            Engine::Embedded(embedded) => embedded.add(username, uid, password).await,
            #[cfg(feature = "cluster")]
            Engine::Cluster(cluster) => cluster.add(username, uid, password).await,
        }
    }

    /// Replaces the password of an account; returns `false` if it no longer has the password `previous`.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was changed, unless the error says otherwise.
    pub async fn change_password(
        &self,
        username: Username,
        previous: Hashed,
        password: Hashed,
    ) -> Result<bool, StoreError> {
        match &self.0 {
            Engine::Embedded(embedded) => embedded.change_password(username, previous, password).await,
            #[cfg(feature = "cluster")]
            Engine::Cluster(cluster) => cluster.change_password(username, previous, password).await,
        }
    }

    /// Closes an account for good: only its username stays. Returns `false` if it does not exist.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing was changed, unless the error says otherwise.
    pub async fn close(&self, username: Username) -> Result<bool, StoreError> {
        match &self.0 {
            Engine::Embedded(embedded) => embedded.close(username).await,
            #[cfg(feature = "cluster")]
            Engine::Cluster(cluster) => cluster.close(username).await,
        }
    }
}

/// Changes the role of an account. Services may be running on the same database.
///
/// # Errors
/// Returns an error message for the operator if the database or the user does not exist.
pub fn grant(location: &Location, username: &str, role: &str) -> anyhow::Result<()> {
    match location {
        Location::File(path) => embedded::grant(path, username, role),
        #[cfg(feature = "cluster")]
        Location::Cluster(url) => cluster::grant(url, username, role),
    }
}

/// Closes an account, as its holder can. Services may be running on the same database.
///
/// # Errors
/// Returns an error message for the operator if the database or the user does not exist.
pub fn revoke(location: &Location, username: &str) -> anyhow::Result<()> {
    match location {
        Location::File(path) => embedded::revoke(path, username),
        #[cfg(feature = "cluster")]
        Location::Cluster(url) => cluster::revoke(url, username),
    }
}
