//! A batch in the making: what was decided so far, on top of what is in memory.

use std::collections::HashMap;
use std::sync::Arc;

use chassis::Id;

use crate::line::{Line, Operation};
use crate::memory::{Memory, Record};

/// What a job sees of the journal and does to it. All jobs of a batch become durable together.
pub struct Batch<V> {
    memory: Arc<Memory<V>>,
    /// The last line's before the batch.
    seq: u64,
    changed: HashMap<Id, Option<Record<V>>>,
    operations: Vec<Operation<V>>,
}

impl<V: Clone> Batch<V> {
    pub(crate) fn new(memory: Arc<Memory<V>>, seq: u64) -> Self {
        Self { memory, seq, changed: HashMap::new(), operations: Vec::new() }
    }

    /// The record as the jobs before this one leave it.
    pub fn current(&self, id: Id) -> Option<Record<V>> {
        self.changed.get(&id).cloned().unwrap_or_else(|| self.memory.get(id))
    }

    /// Puts a record, and returns it as it will be.
    pub fn put(&mut self, id: Id, value: V) -> Record<V> {
        self.operations.push(Operation::Put(id, value.clone()));
        let version = self.seq + self.operations.len() as u64;
        let record = Record { value, version, bytes: 0 };
        self.changed.insert(id, Some(record.clone()));
        record
    }

    /// Takes a record away.
    pub fn delete(&mut self, id: Id) {
        self.operations.push(Operation::Delete(id));
        self.changed.insert(id, None);
    }

    /// Sets the number that is kept with the records, where it is another.
    pub fn set_mark(&mut self, mark: i64) {
        if mark != self.memory.mark() {
            self.operations.push(Operation::Mark(mark));
        }
    }

    /// The lines of the batch, numbered from the one after the last.
    pub(crate) fn into_lines(self) -> impl Iterator<Item = Line<V>> {
        let batch = (self.seq + 1, self.seq + self.operations.len() as u64);
        (self.seq + 1..).zip(self.operations).map(move |(seq, operation)| Line { seq, batch, operation })
    }
}
