//! Where records are kept: an append-only log of JSON lines, and all that it says in memory. It knows no HTTP.
//!
//! A change is answered once the line that makes it is synced. `tail -f` shows every write, `jq` reads the
//! file. Start reading at `line` (the format), then `writer` (a write), `replay` (a start) and `compaction`.

mod compaction;
mod line;
mod memory;
mod replay;
mod writer;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use chassis::conditional::Precondition;
use chassis::lock::{StoreLock, beside};
use chassis::metrics::{Metrics, histogram};
use chassis::{Fatal, Faults, Id};
use prometheus_client::metrics::{counter::Counter, gauge::Gauge, histogram::Histogram};
use tokio::sync::oneshot;

use crate::patch::Patch;
use crate::vitals::Vitals;
use compaction::{Draft, sync_folder, write_snapshot};
use memory::Memory;
use replay::{Replayed, Unusable, replay};
use writer::{Ask, Writer};

pub use memory::Record;

/// More than there are connections from which a change could come.
const QUEUE: usize = 2048;

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
    /// There is no room on the disk.
    Full(String),
    /// Too much is waiting.
    Busy,
    /// The writer has ended, and the process will.
    Ended,
}

/// What the store counts.
#[derive(Debug, Clone)]
struct Counters {
    writes: Counter,
    commit_seconds: Histogram,
    log_bytes: Gauge,
    compactions: Counter,
}

/// All records.
#[derive(Debug)]
pub struct Store {
    memory: Arc<Memory>,
    queue: Option<SyncSender<Ask>>,
    thread: Option<JoinHandle<()>>,
    _lock: StoreLock,
}

impl Store {
    /// Opens the log at `path`, or makes it, and reads it into memory.
    ///
    /// # Errors
    /// A sentence: in use, not writable, damaged (with the number of the line; nothing is changed then).
    pub fn open(path: &Path, fatal: Fatal, metrics: &mut Metrics) -> Result<Self, String> {
        let lock = StoreLock::take(path)?;
        let memory = Arc::new(Memory::default());
        let (log, replayed) = open_log(path, &memory).map_err(|error| match error {
            Unusable::Damaged(line) => {
                format!(
                    "{} is damaged in line {line}; nothing was changed, and nothing is served from it",
                    path.display()
                )
            }
            Unusable::Io(error) => format!("cannot open {}: {error}", path.display()),
        })?;
        let writer = Writer {
            path: path.to_owned(),
            log,
            length: replayed.length,
            live: replayed.live,
            seq: replayed.seq,
            memory: Arc::clone(&memory),
            fatal,
            counters: Counters::registered(metrics, replayed.length),
            compaction: None,
            compact_from: 0,
        };
        tracing::info!(
            service = "health",
            records = memory.len(),
            bytes = replayed.length,
            "the log was read"
        );
        let (queue, asks) = sync_channel(QUEUE);
        let thread = thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(&asks));
        let thread = thread.map_err(|error| format!("cannot start the writer thread: {error}"))?;
        Ok(Self { memory, queue: Some(queue), thread: Some(thread), _lock: lock })
    }

    /// The record of a person.
    pub fn read(&self, id: Id) -> Option<Record> {
        self.memory.get(id)
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
        let (reply, outcome) = oneshot::channel();
        self.ask(Ask::Change { id, change, precondition, reply })?;
        outcome.await.unwrap_or(Err(Refusal::Ended))
    }

    /// Up to where person's deletions have been followed.
    pub fn followed(&self) -> i64 {
        self.memory.followed()
    }

    /// Erases what is held for these persons, notes how far their deletions have been followed, and returns
    /// how many records went. Waits on the calling thread.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn erase(&self, ids: Vec<Id>, followed: i64) -> Result<usize, Refusal> {
        let (reply, outcome) = oneshot::channel();
        self.ask(Ask::Erase { ids, followed, reply })?;
        outcome.blocking_recv().unwrap_or(Err(Refusal::Ended))
    }

    fn ask(&self, ask: Ask) -> Result<(), Refusal> {
        let queue = self.queue.as_ref().expect("the queue is open until drop");
        queue.try_send(ask).map_err(|error| match error {
            TrySendError::Full(_) => Refusal::Busy,
            TrySendError::Disconnected(_) => Refusal::Ended,
        })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(self.queue.take());
        // A panic of the thread was raised as fatal already.
        self.thread.take().map(JoinHandle::join);
    }
}

impl Counters {
    fn registered(metrics: &mut Metrics, length: u64) -> Self {
        let counters = Self {
            writes: Counter::default(),
            commit_seconds: histogram(),
            log_bytes: Gauge::default(),
            compactions: Counter::default(),
        };
        counters.log_bytes.set(length.cast_signed());
        metrics.register("store_writes", "Lines committed", counters.writes.clone());
        metrics.register(
            "store_commit_seconds",
            "From deciding a batch to its sync",
            counters.commit_seconds.clone(),
        );
        metrics.register("store_log_bytes", "Length of the log", counters.log_bytes.clone());
        metrics.register("store_compactions", "Times the log was written anew", counters.compactions.clone());
        counters
    }
}

/// Opens the log for appending, with all that it says in memory and nothing unfinished at its end.
fn open_log(path: &Path, memory: &Memory) -> Result<(File, Replayed), Unusable> {
    // What is left of a compaction that a crash ended.
    match fs::remove_file(Draft::path_for(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    if !path.try_exists()? {
        let draft = Draft::path_for(path);
        write_snapshot(&File::create_new(&draft)?, 0, 0, memory, &AtomicBool::new(false))?;
        fs::rename(&draft, path)?;
        sync_folder(path)?;
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
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let broken = beside(path, &format!(".broken-{time}"));
    log.seek(SeekFrom::Start(length))?;
    let mut copy = File::create_new(&broken)?;
    let bytes = io::copy(log, &mut copy)?;
    copy.sync_all()?;
    sync_folder(path)?;
    log.set_len(length)?;
    log.sync_all()?;
    tracing::warn!(
        service = "health",
        line,
        bytes,
        moved_to = %broken.display(),
        "the last write before a crash was unfinished, and nobody was told that it was made"
    );
    Ok(())
}
