//! An append-only log of JSON lines, and all that it says in memory: records of any type by their id, and one
//! number beside them. It knows nothing of what the records mean.
//!
//! A change is answered once the line that makes it is synced. `tail -f` shows every write, `jq` reads the
//! file. Start reading at `line` (the format), then `writer` (a write), `replay` (a start) and `compaction`.

mod batch;
mod compaction;
mod copy;
mod line;
mod memory;
mod replay;
mod writer;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chassis::metrics::Metrics;
use chassis::{Id, Problem};
use daemon::files::{beside_now, remove_if_there, sync_name};
use daemon::lock::StoreLock;
use daemon::{Fatal, Rejected, Worker};
use serde::Serialize;
use serde::de::DeserializeOwned;

use compaction::{Draft, write_snapshot};
use memory::Memory;
use replay::{Replayed, Unusable, replay};
use writer::Writer;

pub use batch::Batch;
pub use copy::{backup, restore};
pub use memory::Record;

/// More than there are connections from which a change could come.
const QUEUE: usize = 2048;

/// What a record may be.
pub trait Value: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<V: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Value for V {}

/// Why the journal did not do what it was asked to. In each case nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no room on the disk.
    Full(String),
    /// Too much is waiting.
    Busy,
    /// The writer has ended, and the process will.
    Ended,
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::QueueFull => Self::Busy,
            Rejected::Ended => Self::Ended,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Full(cause) => Self::disk_full(cause),
            Error::Busy => Self::too_busy("Too many writes are waiting."),
            Error::Ended => Self::internal("the writer has ended"),
        }
    }
}

/// An open journal that only this process serves from.
#[derive(Debug)]
pub struct Journal<V> {
    memory: Arc<Memory<V>>,
    writer: Worker<Batch<V>, Error>,
    _lock: StoreLock,
}

impl<V: Value> Journal<V> {
    /// Opens the log at `path`, or makes it, and reads it into memory.
    ///
    /// # Errors
    /// A sentence: in use, not writable, damaged (with the number of the line; nothing is changed then).
    pub fn open(path: &Path, fatal: Fatal, metrics: &mut Metrics) -> Result<Self, String> {
        let lock = StoreLock::take(path)?;
        let memory = Arc::new(Memory::default());
        let (log, replayed) = open_log(path, &memory).map_err(|error| error.sentence(path.display()))?;
        tracing::info!(file = %path.display(), records = memory.len(), bytes = replayed.length, "read the log");
        let writing = Writer::new(path.to_owned(), log, &replayed, Arc::clone(&memory), metrics);
        let raise = fatal.clone();
        let writer = Worker::start("writer", QUEUE, &fatal, [move |jobs| writing.work(&jobs, &raise)])?;
        Ok(Self { memory, writer, _lock: lock })
    }

    /// The record of this id.
    pub fn read(&self, id: Id) -> Option<Record<V>> {
        self.memory.get(id)
    }

    /// The number that is kept with the records.
    pub fn mark(&self) -> i64 {
        self.memory.mark()
    }

    /// Has a job decide on the current state, and answers once what it changed is durable.
    ///
    /// # Errors
    /// See [`Error`]. A caller that gives up waiting does not undo the change.
    pub async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Batch<V>) -> T + Send + 'static,
    {
        self.writer.ask(|batch| Ok(job(batch))).await
    }

    /// The same, for a thread that may block.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn write_blocking<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Batch<V>) -> T + Send + 'static,
    {
        self.writer.ask_blocking(|batch| Ok(job(batch)))
    }
}

/// Opens the log for appending, with all that it says in memory and nothing unfinished at its end.
fn open_log<V: Value>(path: &Path, memory: &Memory<V>) -> Result<(File, Replayed), Unusable> {
    // What is left of a compaction that a crash ended.
    remove_if_there(&Draft::path_for(path))?;
    if !path.try_exists()? {
        let draft = Draft::path_for(path);
        write_snapshot(&compaction::create(&draft)?, 0, memory, &AtomicBool::new(false))?;
        fs::rename(&draft, path)?;
        sync_name(path)?;
    }
    let mut log = OpenOptions::new().read(true).append(true).open(path)?;
    let replayed = replay(&mut BufReader::with_capacity(256 * 1024, &log), memory)?;
    if let Some(line) = replayed.torn_at {
        set_aside(&mut log, path, replayed.length, line)?;
    }
    Ok((log, replayed))
}

/// Copies what a crash left unfinished into a file beside the log, then cuts it off.
fn set_aside(log: &mut File, path: &Path, length: u64, line: u64) -> io::Result<()> {
    let broken = beside_now(path, ".broken");
    log.seek(SeekFrom::Start(length))?;
    let mut copy = File::create_new(&broken)?;
    let bytes = io::copy(log, &mut copy)?;
    copy.sync_all()?;
    sync_name(path)?;
    log.set_len(length)?;
    log.sync_all()?;
    tracing::warn!(
        file = %path.display(),
        line,
        bytes,
        moved_to = %broken.display(),
        "the last write before a crash was unfinished, and nobody was told that it was made"
    );
    Ok(())
}
