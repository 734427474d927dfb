//! Reading a row by its key, on the thread that asks.
//!
//! To begin and end a transaction costs SQLite two system calls and a lock that its connections share, several
//! times what it costs to find a row. So a transaction is left open, and many reads see one snapshot. While a commit
//! is on its way there is none: each read begins its own, and nobody sees a change and then the time before it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::connection::reader;

/// What another process writes (`auth grant`) ends no snapshot; it is seen after this.
const SNAPSHOT_LIMIT: Duration = Duration::from_millis(1);

/// Connections that only read, one a core.
#[derive(Debug)]
pub(crate) struct Readers {
    readers: Vec<Mutex<Reader>>,
    /// Whether a commit is on its way. Looked at with a reader locked, which is how a snapshot is ended.
    changing: AtomicBool,
}

#[derive(Debug)]
struct Reader {
    connection: Connection,
    /// When the transaction was begun that is open, if one is.
    begun: Instant,
}

impl Readers {
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let connections = (0..cores).map(|_| reader(path)).collect::<rusqlite::Result<Vec<_>>>()?;
        let reader = |connection| Mutex::new(Reader { connection, begun: Instant::now() });
        let readers = connections.into_iter().map(reader).collect();
        Ok(Self { readers, changing: AtomicBool::new(false) })
    }

    /// Reads on the first connection that is free.
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
            reader.end()?;
        }
        if reader.connection.is_autocommit() && !self.changing.load(Ordering::Relaxed) {
            reader.connection.prepare_cached("BEGIN")?.execute([])?;
            reader.begun = Instant::now();
        }
        query(&reader.connection)
    }

    /// Ends all snapshots, and lets none begin until the returned value is dropped.
    pub(crate) fn changing(&self) -> rusqlite::Result<impl Drop> {
        struct Changing<'r>(&'r AtomicBool);
        impl Drop for Changing<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::Relaxed);
            }
        }
        self.changing.store(true, Ordering::Relaxed);
        let changing = Changing(&self.changing);
        self.readers.iter().try_for_each(|reader| lock(reader).end())?;
        Ok(changing)
    }
}

impl Reader {
    fn end(&mut self) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.connection.prepare_cached("COMMIT")?.execute([]).map(drop)
    }
}

/// A reader whose thread panicked is sound still: it changed nothing.
fn lock(reader: &Mutex<Reader>) -> MutexGuard<'_, Reader> {
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}
