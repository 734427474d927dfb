//! The store of persons: a file, or with the feature `cluster` a database of a PostgreSQL cluster. It knows no HTTP except
//! the precondition of a write.
//!
//! Whichever it is, an id is never used again, and a deletion is recorded in the same transaction, for the services that
//! keep data about the person.

#[cfg(feature = "cluster")]
mod cluster;
mod copies;
mod embedded;
mod keys;
mod pages;

use std::sync::Arc;
use std::time::Duration;

use chassis::IdempotencyKey;
use chassis::conditional::Precondition;
use daemon::Fatal;
use storage::{Id, Registry, StoreError};

use crate::person::{Name, Person, Viewer};

#[cfg(feature = "cluster")]
use cluster::Cluster;
use embedded::Embedded;

pub use copies::{backup, restore};
pub use pages::{Deletion, Part};
#[cfg(feature = "cluster")]
pub use postgres::Location;
#[cfg(not(feature = "cluster"))]
pub use storage::Location;

/// The identity of a database: a random UUID from its creation, which a restored copy keeps.
pub type Identity = Arc<str>;

/// Why the store refused a call. In each case nothing was changed, unless the error says otherwise.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such person.
    Missing,
    /// The viewer may not see the person.
    Hidden,
    /// The version of the person does not meet the precondition.
    Stale,
    /// A page begins beyond the last deletion, which has this number.
    Beyond(i64),
    /// The viewer owns as many persons as an account may.
    LimitReached,
    /// The viewer has created another person with this key.
    KeyReused,
    /// The database failed.
    Failed(StoreError),
}

/// Returns a person that was looked up, if there is one and the viewer may see it.
fn seen(found: Option<Person>, viewer: &Viewer) -> Result<Person, Refusal> {
    match found {
        None => Err(Refusal::Missing),
        Some(person) if !viewer.may_see(&person) => Err(Refusal::Hidden),
        Some(person) => Ok(person),
    }
}

/// Returns a person to be changed, if the viewer may change it and its version meets the precondition.
fn changeable(
    found: Option<Person>,
    viewer: &Viewer,
    precondition: &Precondition,
) -> Result<Person, Refusal> {
    let person = seen(found, viewer)?;
    if precondition.allows(person.version) { Ok(person) } else { Err(Refusal::Stale) }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// The persons and their deletions.
#[derive(Debug)]
pub struct Store(Engine);

#[derive(Debug)]
enum Engine {
    Embedded(Embedded),
    #[cfg(feature = "cluster")]
    Cluster(Cluster),
}

/// Calls the same method of the engine in use.
macro_rules! of_engine {
    ($store:ident, $engine:ident => $call:expr) => {
        match &$store.0 {
            Engine::Embedded($engine) => $call,
            #[cfg(feature = "cluster")]
            Engine::Cluster($engine) => $call,
        }
    };
}

impl Store {
    /// Opens the store, creating it if missing. `limit` is the number of persons that one account may own; deleted content
    /// may stay in a file for `erase_after`. A cluster may be unreachable: until it is reached, calls fail.
    ///
    /// # Errors
    /// Returns an error message for the operator if the store cannot be opened.
    pub fn open(
        location: Location,
        limit: u32,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        match location {
            Location::File(path) => {
                Ok(Self(Engine::Embedded(Embedded::open(&path, limit, erase_after, fatal, registry)?)))
            }
            #[cfg(feature = "cluster")]
            Location::Cluster(url) => Ok(Self(Engine::Cluster(Cluster::open(url, limit, registry)))),
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

    /// Returns whether the store is a file of this process.
    pub fn is_embedded(&self) -> bool {
        matches!(self.0, Engine::Embedded(_))
    }

    /// Checks that the store can be used.
    ///
    /// # Errors
    /// Returns the reason for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        of_engine!(self, engine => engine.check())
    }

    /// Creates a person with a new id. If the viewer has done so with this key in the last 24 hours, returns the person as
    /// it was then.
    pub async fn create(
        &self,
        name: Name,
        viewer: Viewer,
        key: Option<IdempotencyKey>,
    ) -> Result<Person, Refusal> {
        of_engine!(self, engine => engine.create(name, viewer, key).await)
    }

    /// Returns a person, or why there is none to see, in the database with this identity.
    pub async fn read(
        &self,
        id: Id,
        viewer: &Viewer,
    ) -> Result<(Identity, Result<Person, Refusal>), StoreError> {
        of_engine!(self, engine => engine.read(id, viewer).await)
    }

    /// Changes the name of a person.
    pub async fn rename(
        &self,
        id: Id,
        name: Name,
        viewer: Viewer,
        precondition: Precondition,
    ) -> Result<Person, Refusal> {
        of_engine!(self, engine => engine.rename(id, name, viewer, precondition).await)
    }

    /// Deletes a person and records the deletion.
    pub async fn delete(&self, id: Id, viewer: Viewer, precondition: Precondition) -> Result<(), Refusal> {
        of_engine!(self, engine => engine.delete(id, viewer, precondition).await)
    }

    /// Returns at most `limit` persons that the viewer may see, in the order of their ids, after the id `after`.
    pub async fn page(&self, viewer: Viewer, after: i64, limit: u16) -> Result<Part<Person>, Refusal> {
        of_engine!(self, engine => engine.page(viewer, after, limit).await)
    }

    /// Returns at most `limit` deletions in order, after the number `after`, in the database with this identity. A number
    /// that this database never gave out is refused: its reader has followed another database, and would miss deletions.
    pub async fn deletions(&self, after: i64, limit: u16) -> Result<(Identity, Part<Deletion>), Refusal> {
        of_engine!(self, engine => engine.deletions(after, limit).await)
    }
}
