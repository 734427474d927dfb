//! A batch of changes, on top of the state in memory.

use std::collections::HashMap;
use std::sync::Arc;

use storage::Id;

use crate::line::{Line, Operation};
use crate::memory::{Mark, Memory, Record};

/// The state that a job sees and changes. All jobs of a batch become durable together.
pub struct Batch<V> {
    memory: Arc<Memory<V>>,
    /// The `seq` of the last line before the batch.
    seq: u64,
    changed: HashMap<Id, Option<Record<V>>>,
    marked: Option<Mark>,
    operations: Vec<Operation<V>>,
}

impl<V: Clone> Batch<V> {
    pub(crate) fn new(memory: Arc<Memory<V>>, seq: u64) -> Self {
        Self { memory, seq, changed: HashMap::new(), marked: None, operations: Vec::new() }
    }

    /// Returns the record as the earlier jobs of the batch leave it.
    pub fn current(&self, id: Id) -> Option<Record<V>> {
        self.changed.get(&id).cloned().unwrap_or_else(|| self.memory.get(id))
    }

    /// Puts a record and returns it with its new version.
    pub fn put(&mut self, id: Id, value: V) -> Record<V> {
        self.operations.push(Operation::Put(id, value.clone()));
        let version = self.seq + self.operations.len() as u64;
        let record = Record { value, version, bytes: 0 };
        self.changed.insert(id, Some(record.clone()));
        record
    }

    /// Deletes a record.
    pub fn delete(&mut self, id: Id) {
        self.operations.push(Operation::Delete(id));
        self.changed.insert(id, None);
    }

    /// Returns the mark as the earlier jobs of the batch leave it.
    pub fn mark(&self) -> Mark {
        self.marked.clone().unwrap_or_else(|| self.memory.mark())
    }

    /// Sets the mark; the same mark again leaves no line.
    pub fn set_mark(&mut self, mark: Mark) {
        if mark != self.mark() {
            self.operations.push(Operation::Mark(mark.clone()));
            self.marked = Some(mark);
        }
    }

    /// Returns the lines of the batch, numbered from the line after the last.
    pub(crate) fn into_lines(self) -> impl Iterator<Item = Line<V>> {
        let batch = (self.seq + 1, self.seq + self.operations.len() as u64);
        (self.seq + 1..).zip(self.operations).map(move |(seq, operation)| Line { seq, batch, operation })
    }
}
