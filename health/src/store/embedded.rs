//! The store of the records in a journal that one process owns.

use std::path::Path;
use std::time::Duration;

use chassis::conditional::Precondition;
use daemon::Fatal;
use journal::{Batch, Journal, Mark};
use storage::{Id, Registry, StoreError};

use super::{Change, Outcome, Record, Refusal};
use crate::identity::{Comparison, Identity, Replaced};
use crate::vitals::Vitals;

/// All records. The mark of the journal is the identity of person's database, and the position of health in its feed of
/// deletions.
#[derive(Debug)]
pub struct Embedded(Journal<Vitals>);

impl Embedded {
    /// Opens the store, creating it if missing; for `erase_after` see [`Journal::open`].
    ///
    /// # Errors
    /// Returns an error message for the operator if the store cannot be opened.
    pub fn open(
        path: &Path,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        Journal::open(path, erase_after, fatal, registry).map(Self)
    }

    /// Checks that the store is still the file with its name.
    ///
    /// # Errors
    /// Returns the reason for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        self.0.check()
    }

    /// Returns the record of a person.
    pub fn read(&self, id: Id) -> Option<Record> {
        self.0.read(id).map(record)
    }

    /// Checks that an answer of person comes from the database that the records belong to: the one of the first answer
    /// that named its database. Never fails.
    pub(crate) async fn recognize(&self, identity: &Identity) -> Result<Result<(), Replaced>, StoreError> {
        match identity.compare(self.0.mark().origin.as_deref()) {
            Comparison::Same => Ok(Ok(())),
            Comparison::Other => Ok(Err(Replaced)),
            Comparison::First => {
                let identity = identity.clone();
                // On a full disk reads go on. A write remembers the identity in its own batch, or fails.
                Ok(self.0.write(move |batch| remember(batch, identity)).await.unwrap_or(Ok(())))
            }
        }
    }

    /// Does the same as [`Embedded::recognize`] on a thread that may block.
    ///
    /// # Errors
    /// Returns the error of the journal if a first identity cannot be remembered.
    pub(crate) fn recognize_blocking(&self, identity: &Identity) -> Result<Result<(), Replaced>, StoreError> {
        match identity.compare(self.0.mark().origin.as_deref()) {
            Comparison::Same => Ok(Ok(())),
            Comparison::Other => Ok(Err(Replaced)),
            Comparison::First => {
                let identity = identity.clone();
                self.0.write_blocking(move |batch| remember(batch, identity))
            }
        }
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
        let decide = move |batch: &mut Batch<Vitals>| {
            // Again: since the lookup, another answer may have been the first that named its database.
            remember(batch, identity)?;
            decide(batch, id, change, &precondition)
        };
        self.0.write(decide).await.map_err(Refusal::Failed)?
    }

    /// Returns the position up to which person's deletions are done.
    pub fn cursor(&self) -> i64 {
        self.0.mark().cursor
    }

    /// Erases the records of these persons, moves the cursor, and returns the number of erased records. Blocks the
    /// calling thread.
    ///
    /// # Errors
    /// Returns the error of the journal; nothing was changed.
    pub fn erase(&self, ids: Vec<Id>, cursor: i64) -> Result<usize, StoreError> {
        self.0.write_blocking(move |batch| {
            let mut erased = 0;
            for id in ids {
                if batch.current(id).is_some() {
                    batch.delete(id);
                    erased += 1;
                }
            }
            batch.set_mark(Mark { cursor, ..batch.mark() });
            erased
        })
    }
}

/// Remembers the identity if it is the first.
fn remember(batch: &mut Batch<Vitals>, identity: Identity) -> Result<(), Replaced> {
    let mark = batch.mark();
    match identity.compare(mark.origin.as_deref()) {
        Comparison::Same => Ok(()),
        Comparison::Other => Err(Replaced),
        Comparison::First => {
            batch.set_mark(Mark { origin: identity.0, ..mark });
            Ok(())
        }
    }
}

fn decide(
    batch: &mut Batch<Vitals>,
    id: Id,
    change: Change,
    precondition: &Precondition,
) -> Result<Option<Record>, Refusal> {
    match change.decide(batch.current(id).map(record).as_ref(), precondition)? {
        Outcome::Put(vitals) => Ok(Some(record(batch.put(id, vitals)))),
        Outcome::Delete => {
            batch.delete(id);
            Ok(None)
        }
    }
}

fn record(found: journal::Record<Vitals>) -> Record {
    Record { value: found.value, version: found.version }
}

#[cfg(test)]
mod tests {
    use storage::ERASE_AFTER;

    use super::*;

    fn open(folder: &Path) -> Embedded {
        let (fatal, _failed) = daemon::fatal();
        Embedded::open(&folder.join("log"), ERASE_AFTER, fatal, &mut Registry::default()).unwrap()
    }

    #[test]
    fn cursor_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(open(folder.path()).erase(vec![Id::new(7).unwrap()], 12), Ok(0));
        assert_eq!(open(folder.path()).cursor(), 12);
    }

    #[tokio::test]
    async fn write_of_another_database_is_refused_in_its_batch() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let named = |name: Option<&str>| Identity(name.map(Into::into));
        let (id, vitals) = (Id::new(7).unwrap(), Vitals { weight: Some(70.0), ..Vitals::default() });
        let add = |name| store.change(id, Change::Add(vitals), Precondition::default(), named(name));
        assert!(add(Some("ours")).await.is_ok());
        // As if each lookup had been answered before the first identity was known.
        for name in [None, Some("other")] {
            assert!(matches!(add(name).await, Err(Refusal::Replaced)), "{name:?}");
        }
        assert!(matches!(add(Some("ours")).await, Err(Refusal::Exists)));
    }
}
