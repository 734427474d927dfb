//! Where records are kept: a journal. It knows no HTTP but the precondition of a write.

use std::path::Path;

use chassis::conditional::Precondition;
use chassis::metrics::Metrics;
use chassis::{Faults, Id};
use daemon::Fatal;
use journal::{Batch, Journal};

use crate::patch::Patch;
use crate::vitals::Vitals;

/// The vital signs of a person, with their version.
pub type Record = journal::Record<Vitals>;

/// A change of a record.
#[derive(Debug)]
pub enum Change {
    /// Make it; there must be none.
    Add(Vitals),
    /// Put another in its place.
    Replace(Vitals),
    /// Change a part of it.
    Merge(Patch),
    /// Take it away.
    Delete,
}

/// Why a change was not made. In each case nothing was.
#[derive(Debug)]
pub enum Refusal {
    /// There is no record.
    Missing,
    /// There is one already.
    Exists,
    /// The record is not at the version that was demanded.
    Stale,
    /// What would come of the change is no record.
    Invalid(Faults),
    /// The journal did not work.
    Failed(journal::Error),
}

/// All records. The journal's mark is the place up to which person's deletions have been followed.
#[derive(Debug)]
pub struct Store(Journal<Vitals>);

impl Store {
    /// Opens the store, or makes it.
    ///
    /// # Errors
    /// A sentence that says why it cannot be used.
    pub fn open(path: &Path, fatal: Fatal, metrics: &mut Metrics) -> Result<Self, String> {
        Journal::open(path, fatal, metrics).map(Self)
    }

    /// The record of a person.
    pub fn read(&self, id: Id) -> Option<Record> {
        self.0.read(id)
    }

    /// Changes a record, and returns it as it then is; `None` after a deletion.
    ///
    /// # Errors
    /// See [`Refusal`]. A caller that gives up waiting does not undo the change.
    pub async fn change(
        &self,
        id: Id,
        change: Change,
        precondition: Precondition,
    ) -> Result<Option<Record>, Refusal> {
        let decide = move |batch: &mut Batch<Vitals>| decide(batch, id, change, &precondition);
        self.0.write(decide).await.map_err(Refusal::Failed)?
    }

    /// Up to where person's deletions have been followed.
    pub fn followed(&self) -> i64 {
        self.0.mark()
    }

    /// Erases what is held for these persons, notes how far their deletions have been followed, and returns
    /// how many records went. Waits on the calling thread.
    ///
    /// # Errors
    /// The journal did not work; nothing was changed.
    pub fn erase(&self, ids: Vec<Id>, followed: i64) -> Result<usize, journal::Error> {
        self.0.write_blocking(move |batch| {
            let held: Vec<Id> = ids.into_iter().filter(|id| batch.current(*id).is_some()).collect();
            held.iter().for_each(|id| batch.delete(*id));
            batch.set_mark(followed);
            held.len()
        })
    }
}

fn decide(
    batch: &mut Batch<Vitals>,
    id: Id,
    change: Change,
    precondition: &Precondition,
) -> Result<Option<Record>, Refusal> {
    let current = match (batch.current(id), &change) {
        (Some(_), Change::Add(_)) => return Err(Refusal::Exists),
        (None, Change::Add(vitals)) => return Ok(Some(batch.put(id, *vitals))),
        (current, _) => current.ok_or(Refusal::Missing)?,
    };
    if !precondition.allows(current.version) {
        return Err(Refusal::Stale);
    }
    let vitals = match change {
        Change::Add(vitals) | Change::Replace(vitals) => vitals,
        Change::Merge(patch) => patch.apply(&current.value).map_err(Refusal::Invalid)?,
        Change::Delete => {
            batch.delete(id);
            return Ok(None);
        }
    };
    Ok(Some(batch.put(id, vitals)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_persons_deletions_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let (fatal, _failed) = daemon::fatal();
            Store::open(&folder.path().join("log"), fatal, &mut Metrics::default()).unwrap()
        };
        assert_eq!(open().erase(vec![Id::new(7).unwrap()], 12), Ok(0));
        assert_eq!(open().followed(), 12);
    }
}
