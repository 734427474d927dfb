//! An append-only log of JSON lines, with its records in memory: values of any type by id, and a mark beside them.
//! It knows nothing of what the values mean.
//!
//! A change is answered once its line is synced. `tail -F` shows every write, `jq` reads the file. Start reading at
//! `line` (the format), then `writer` (a write), `replay` (a start) and `compaction`.

mod batch;
mod compaction;
mod copy;
mod line;
mod lines;
mod memory;
mod open;
mod replay;
mod start_over;
mod writer;

use std::path::Path;
use std::sync::Arc;

use daemon::lock::StoreLock;
use daemon::{Fatal, Worker};
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::{Id, Registry, StoreError};

use memory::Memory;
use writer::Writer;

pub use batch::Batch;
pub use copy::{backup, restore};
pub use memory::{Mark, Record};
pub use start_over::{read_mark, start_over};

/// More changes than there are connections to send one.
const QUEUE: usize = 2048;

/// The bounds on the value of a record.
pub trait Value: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<V: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Value for V {}

/// An open journal that only this process serves.
#[derive(Debug)]
pub struct Journal<V> {
    memory: Arc<Memory<V>>,
    writer: Worker<Batch<V>, StoreError>,
    _lock: StoreLock,
}

impl<V: Value> Journal<V> {
    /// Opens the log at `path`, creating it if missing, and reads it into memory.
    ///
    /// # Errors
    /// Returns an error message for the operator if another process uses the log, if it cannot be written, or if it is
    /// damaged; the message then names the line, and nothing is changed.
    pub fn open(path: &Path, fatal: Fatal, registry: &mut Registry) -> anyhow::Result<Self> {
        let lock = StoreLock::take(path)?;
        let memory = Arc::new(Memory::default());
        let (log, replayed) = open::open(path, &memory).map_err(|error| error.about(path.display()))?;
        tracing::info!(file = %path.display(), records = memory.len(), bytes = replayed.length, "read the log");
        let writer = Writer::new(path.to_owned(), log, &replayed, Arc::clone(&memory), registry);
        let raise = fatal.clone();
        let writer = Worker::start("writer", QUEUE, &fatal, [move |jobs| writer.work(&jobs, &raise)])?;
        Ok(Self { memory, writer, _lock: lock })
    }

    /// Returns the record of this id.
    pub fn read(&self, id: Id) -> Option<Record<V>> {
        self.memory.get(id)
    }

    /// Returns the mark that is stored with the records.
    pub fn mark(&self) -> Mark {
        self.memory.mark()
    }

    /// Runs a job on the current state and answers once its changes are durable.
    ///
    /// # Errors
    /// See [`StoreError`]. A caller that stops waiting does not undo the change.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Batch<V>) -> T + Send + 'static,
    {
        self.writer.run(|batch| Ok(job(batch))).await
    }

    /// Does the same as [`Journal::write`] on a thread that may block.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn write_blocking<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Batch<V>) -> T + Send + 'static,
    {
        self.writer.run_blocking(|batch| Ok(job(batch)))
    }
}
