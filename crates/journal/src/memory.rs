//! The records as readers see them: what the log says, in memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chassis::Id;

/// A map that grows moves all it holds, and readers wait; of this many small ones none makes them wait long.
const SHARDS: usize = 64;

/// A record, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<V> {
    /// What was put.
    pub value: V,
    /// The `seq` of the line that put it: its version.
    pub version: u64,
    /// The length of that line.
    pub(crate) bytes: u32,
}

#[derive(Debug)]
pub(crate) struct Memory<V> {
    shards: Vec<RwLock<HashMap<Id, Record<V>>>>,
    /// A number that the journal's owner keeps with the records.
    mark: AtomicI64,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), mark: AtomicI64::new(0) }
    }
}

impl<V: Clone> Memory<V> {
    pub(crate) fn get(&self, id: Id) -> Option<Record<V>> {
        self.read(shard_of(id)).get(&id).cloned()
    }

    /// Puts a record in, and returns the one that was there.
    pub(crate) fn put(&self, id: Id, record: Record<V>) -> Option<Record<V>> {
        self.write(shard_of(id)).insert(id, record)
    }

    /// Takes a record out.
    pub(crate) fn delete(&self, id: Id) -> Option<Record<V>> {
        self.write(shard_of(id)).remove(&id)
    }

    pub(crate) fn mark(&self) -> i64 {
        self.mark.load(Ordering::Relaxed)
    }

    pub(crate) fn set_mark(&self, mark: i64) {
        self.mark.store(mark, Ordering::Relaxed);
    }

    pub(crate) fn len(&self) -> usize {
        (0..SHARDS).map(|shard| self.read(shard).len()).sum()
    }

    /// All records, a copy of a part at a time, so that no lock is held while they are looked at.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Vec<(Id, Record<V>)>> + '_ {
        (0..SHARDS).map(|shard| self.read(shard).iter().map(|(id, record)| (*id, record.clone())).collect())
    }

    // A panic elsewhere leaves a map as sound as it was: each change of one is a single call.
    fn read(&self, shard: usize) -> RwLockReadGuard<'_, HashMap<Id, Record<V>>> {
        self.shards[shard].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, shard: usize) -> RwLockWriteGuard<'_, HashMap<Id, Record<V>>> {
        self.shards[shard].write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shard_of(id: Id) -> usize {
    usize::try_from(id.get().unsigned_abs() % SHARDS as u64).expect("less than the number of shards")
}
