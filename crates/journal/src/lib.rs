//! An append-only log of JSON lines, with its records in memory: values of any type by id, and a mark beside them.
//! It knows nothing of what the values mean.
//!
//! A change is answered once its line is synced. `tail -F` shows every write, `jq` reads the file. Start reading at
//! `line` (the format), then `writer` (a write), `replay` (a start) and `compaction`.

mod batch;
mod compaction;
mod copy;
mod exchange;
mod line;
mod lines;
mod memory;
mod open;
mod replay;
mod start_over;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use daemon::lock::StoreLock;
use daemon::{Fatal, Named, Worker};
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::{Id, Registry, StoreError};

use memory::Memory;
use writer::Writer;

pub use batch::Batch;
pub use copy::{backup, restore};
pub use exchange::{Content, Records, export};
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
    /// The log; a compaction replaces it.
    file: Arc<Mutex<Named>>,
    _lock: StoreLock,
}

impl<V: Value> Journal<V> {
    /// Opens the log at `path`, creating it if missing, and reads it into memory. Deleted records leave the file once
    /// they have been in it for `erase_after`.
    ///
    /// # Errors
    /// Returns an error message for the operator if another process uses the log, if it cannot be written, or if it is
    /// damaged; the message then names the line, and nothing is changed.
    pub fn open(
        path: &Path,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        let lock = StoreLock::take(path)?;
        let path = lock.path();
        let memory = Arc::new(Memory::default());
        let (log, replayed) = open::open(&lock, &memory)?;
        tracing::info!(file = %path.display(), records = memory.len(), bytes = replayed.length, "read the log");
        let file = Arc::new(Mutex::new(Named::new(path, &log.metadata()?)));
        let shared = (Arc::clone(&memory), Arc::clone(&file));
        let writer = Writer::new(path.to_owned(), log, &replayed, shared, erase_after, registry);
        let raise = fatal.clone();
        let writer = Worker::start("writer", QUEUE, &fatal, [move |jobs| writer.work(&jobs, &raise)])?;
        Ok(Self { memory, writer, file, _lock: lock })
    }

    /// Checks that the log is still the file with its name.
    ///
    /// # Errors
    /// Returns the reason for a readiness probe.
    pub fn check(&self) -> Result<(), String> {
        lock(&self.file).check().map_err(|_| "the log was removed or replaced".to_owned())
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

/// Locks the name of the log. A panic elsewhere leaves it intact.
fn lock(file: &Mutex<Named>) -> MutexGuard<'_, Named> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}
