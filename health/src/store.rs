//! The store of the records: a journal, or with the feature `cluster` a database of a PostgreSQL cluster. Of HTTP it knows
//! only the precondition of a write.
//!
//! Beside the records it keeps the identity of person's database, and the position of health in its feed of deletions.

#[cfg(feature = "cluster")]
pub(crate) mod cluster;
mod copies;
pub mod embedded;

use std::sync::Arc;
use std::time::Duration;

use chassis::FieldErrors;
use chassis::conditional::Precondition;
use daemon::Fatal;
use storage::{Id, Registry, StoreError};

use crate::identity::{Identity, Replaced};
use crate::patch::Patch;
use crate::vitals::Vitals;

#[cfg(feature = "cluster")]
use cluster::Cluster;
use embedded::Embedded;

pub use copies::{backup, restore};
#[cfg(feature = "cluster")]
pub use postgres::Location;
#[cfg(not(feature = "cluster"))]
pub use storage::Location;

/// The vital signs of one person, with their version.
#[derive(Debug)]
pub struct Record {
    /// The vital signs.
    pub value: Vitals,
    /// The version, which no other content of this person's record ever has.
    pub version: u64,
}

/// A change of a record.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// Creates the record; it must not exist.
    Add(Vitals),
    /// Replaces the whole record.
    Replace(Vitals),
    /// Changes a part of the record.
    Merge(Patch),
    /// Deletes the record.
    Delete,
}

/// Why a call was rejected. In each case nothing was changed, unless the error says otherwise.
#[derive(Debug)]
pub enum Refusal {
    /// The record does not exist.
    Missing,
    /// The record exists already.
    Exists,
    /// The record has another version than the precondition demands.
    Stale,
    /// The person was deleted after the lookup.
    #[cfg(feature = "cluster")]
    Gone,
    /// The lookup was answered by another database of person.
    Replaced,
    /// The resulting record would be invalid.
    Invalid(FieldErrors),
    /// The store failed.
    Failed(StoreError),
}

impl From<Replaced> for Refusal {
    fn from(Replaced: Replaced) -> Self {
        Self::Replaced
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// What a change makes of a record.
enum Outcome {
    Put(Vitals),
    Delete,
}

impl Change {
    /// Decides on a change of the current record, which no other change may touch until this one is made.
    fn decide(self, current: Option<&Record>, precondition: &Precondition) -> Result<Outcome, Refusal> {
        let current = match (current, self) {
            (Some(_), Self::Add(_)) => return Err(Refusal::Exists),
            (None, Self::Add(vitals)) => return Ok(Outcome::Put(vitals)),
            (current, _) => current.ok_or(Refusal::Missing)?,
        };
        if !precondition.allows(current.version) {
            return Err(Refusal::Stale);
        }
        match self {
            Self::Add(vitals) | Self::Replace(vitals) => Ok(Outcome::Put(vitals)),
            Self::Merge(patch) => patch.apply(&current.value).map(Outcome::Put).map_err(Refusal::Invalid),
            Self::Delete => Ok(Outcome::Delete),
        }
    }
}

/// All records.
#[derive(Debug)]
pub struct Store(Engine);

#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Embedded(Arc<Embedded>),
    #[cfg(feature = "cluster")]
    Cluster(Arc<Cluster>),
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
                let embedded = Embedded::open(&path, erase_after, fatal, registry)?;
                Ok(Self(Engine::Embedded(Arc::new(embedded))))
            }
            #[cfg(feature = "cluster")]
            Location::Cluster(url) => Ok(Self(Engine::Cluster(Arc::new(Cluster::open(url, registry))))),
        }
    }

    /// Returns the name of the engine in use.
    pub fn engine_name(&self) -> &'static str {
        match &self.0 {
            Engine::Embedded(_) => "JSON Lines",
            #[cfg(feature = "cluster")]
            Engine::Cluster(_) => "PostgreSQL",
        }
    }

    /// Checks that the store can be used.
    ///
    /// # Errors
    /// Returns the reason for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        of_engine!(self, engine => engine.check())
    }

    /// Returns the record of a person. The lookup was answered by the database with this identity.
    ///
    /// # Errors
    /// Returns a [`Refusal`] if it cannot be read.
    #[cfg_attr(not(feature = "cluster"), expect(unused_variables, reason = "a file needs no identity"))]
    pub(crate) async fn read(&self, id: Id, identity: &Identity) -> Result<Record, Refusal> {
        match &self.0 {
            // A file changes its database of person only while the service is stopped.
            Engine::Embedded(engine) => engine.read(id).ok_or(Refusal::Missing),
            #[cfg(feature = "cluster")]
            Engine::Cluster(engine) => engine.read(id, identity).await?.ok_or(Refusal::Missing),
        }
    }

    /// Checks that an answer of person comes from the database that the records belong to: the one of the first answer
    /// that named its database.
    ///
    /// # Errors
    /// Returns the error of a store that cannot tell.
    pub(crate) async fn recognize(&self, identity: &Identity) -> Result<Result<(), Replaced>, StoreError> {
        of_engine!(self, engine => engine.recognize(identity).await)
    }

    /// Changes a record and returns its new content; `None` after a deletion. `identity` is that of the lookup.
    ///
    /// # Errors
    /// Returns a [`Refusal`] if the change is not possible. A caller that stops waiting does not undo the change.
    pub(crate) async fn change(
        &self,
        id: Id,
        change: Change,
        precondition: Precondition,
        identity: Identity,
    ) -> Result<Option<Record>, Refusal> {
        of_engine!(self, engine => engine.change(id, change, precondition, identity).await)
    }

    /// Returns the engine for the purge, which differs with it.
    pub(crate) fn engine(&self) -> Engine {
        self.0.clone()
    }
}
