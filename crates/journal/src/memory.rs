//! The content of the log in memory, as readers see it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use storage::Id;

use crate::line::{Line, Operation};

/// A growing map moves its entries while readers wait. With many small maps no wait is long.
const SHARDS: usize = 64;

/// A record and the line that it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<V> {
    /// The value that was put.
    pub value: V,
    /// The version: the `seq` of the line that put it.
    pub version: u64,
    /// The length of that line.
    pub(crate) bytes: u32,
}

/// What the owner of the journal keeps beside the records: how far it has followed the source of some of its changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// A position in the source.
    pub cursor: i64,
    /// The name of the source, once it is known.
    pub origin: Option<Arc<str>>,
}

#[derive(Debug)]
pub(crate) struct Memory<V> {
    shards: Vec<RwLock<HashMap<Id, Record<V>>>>,
    mark: RwLock<Mark>,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect(), mark: RwLock::default() }
    }
}

impl<V: Clone> Memory<V> {
    pub(crate) fn get(&self, id: Id) -> Option<Record<V>> {
        self.read(shard_of(id)).get(&id).cloned()
    }

    /// Puts a record and returns the previous one.
    pub(crate) fn put(&self, id: Id, record: Record<V>) -> Option<Record<V>> {
        self.write(shard_of(id)).insert(id, record)
    }

    pub(crate) fn mark(&self) -> Mark {
        self.mark.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_mark(&self, mark: Mark) {
        *self.mark.write().unwrap_or_else(PoisonError::into_inner) = mark;
    }

    pub(crate) fn len(&self) -> usize {
        (0..SHARDS).map(|shard| self.read(shard).len()).sum()
    }

    /// Applies a line of `bytes` bytes; keeps `live` at the total length of the lines of current records.
    pub(crate) fn apply(&self, line: Line<V>, bytes: u32, live: &mut u64) {
        let previous = match line.operation {
            Operation::Put(id, value) => {
                *live += u64::from(bytes);
                self.put(id, Record { value, version: line.seq, bytes })
            }
            Operation::Delete(id) => self.write(shard_of(id)).remove(&id),
            Operation::Mark(mark) => {
                self.set_mark(mark);
                None
            }
            Operation::Snapshot | Operation::SnapshotEnd(_) => None,
        };
        *live -= previous.map_or(0, |record| u64::from(record.bytes));
    }

    /// Returns all records in parts, each a copy, so that no lock is held while a part is used.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Vec<(Id, Record<V>)>> + '_ {
        (0..SHARDS).map(|shard| self.read(shard).iter().map(|(id, record)| (*id, record.clone())).collect())
    }

    // A panic elsewhere leaves a map intact: each change of one is a single call.
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
