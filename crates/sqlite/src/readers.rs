//! Reading a row by its key, on the calling thread.
//!
//! Beginning and ending a transaction costs SQLite two system calls and a lock shared by its connections, several
//! times the cost of finding a row. So a transaction stays open, and many reads share one snapshot. During a commit
//! snapshots are off: each read begins its own, and reads never go back in time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::connection::reader;

/// A write of another process (`auth grant`) ends no snapshot; readers see it after this time.
const SNAPSHOT_LIMIT: Duration = Duration::from_millis(1);

/// Connections that only read, one for each core.
#[derive(Debug)]
pub(crate) struct Readers {
    readers: Vec<Mutex<Reader>>,
    /// Whether a commit is running. It is read, and a snapshot is ended, only with the reader locked.
    committing: AtomicBool,
}

#[derive(Debug)]
struct Reader {
    connection: Connection,
    /// When the open transaction, if any, was begun.
    begun: Instant,
}

impl Readers {
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let connections = (0..cores).map(|_| reader(path)).collect::<rusqlite::Result<Vec<_>>>()?;
        let reader = |connection| Mutex::new(Reader { connection, begun: Instant::now() });
        let readers = connections.into_iter().map(reader).collect();
        Ok(Self { readers, committing: AtomicBool::new(false) })
    }

    /// Reads on the first free connection.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let free = self.readers.iter().find_map(|reader| match reader.try_lock() {
            Ok(reader) => Some(reader),
            Err(TryLockError::Poisoned(reader)) => Some(reader.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        let mut reader = free.unwrap_or_else(|| lock(&self.readers[0]));
        if reader.begun.elapsed() > SNAPSHOT_LIMIT {
            reader.end_snapshot()?;
        }
        if reader.connection.is_autocommit() && !self.committing.load(Ordering::Relaxed) {
            reader.connection.prepare_cached("BEGIN")?.execute([])?;
            reader.begun = Instant::now();
        }
        query(&reader.connection)
    }

    /// Ends all snapshots and prevents new ones until the returned guard is dropped.
    pub(crate) fn end_snapshots(&self) -> rusqlite::Result<impl Drop> {
        struct Committing<'r>(&'r AtomicBool);
        impl Drop for Committing<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::Relaxed);
            }
        }
        self.committing.store(true, Ordering::Relaxed);
        let committing = Committing(&self.committing);
        self.readers.iter().try_for_each(|reader| lock(reader).end_snapshot())?;
        Ok(committing)
    }
}

impl Reader {
    fn end_snapshot(&mut self) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.connection.prepare_cached("COMMIT")?.execute([]).map(drop)
    }
}

/// Locks a reader. One whose thread panicked is still sound, since it changed nothing.
fn lock(reader: &Mutex<Reader>) -> MutexGuard<'_, Reader> {
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}
