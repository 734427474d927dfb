//! Reading a row by its key, on the thread that asks.
//!
//! To begin and end a transaction costs SQLite two system calls and a lock that its connections share, several
//! times what it costs to find a row. So a transaction is left open, and many reads see one snapshot. The writer ends
//! them all after each commit and before it answers: whoever was answered, and whoever heard of it, reads what was
//! written.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::connection::reader;

/// What another process writes (`auth grant`) ends no snapshot; it is seen after this.
const SNAPSHOT_LIMIT: Duration = Duration::from_millis(1);

/// Connections that only read, one a core.
#[derive(Debug)]
pub(crate) struct Readers(Vec<Mutex<Reader>>);

#[derive(Debug)]
struct Reader {
    connection: Connection,
    /// When the transaction was begun that is open, if one is.
    begun: Instant,
}

impl Readers {
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let open = |_| Ok(Mutex::new(Reader { connection: reader(path)?, begun: Instant::now() }));
        (0..cores).map(open).collect::<Result<_, _>>().map(Self)
    }

    /// Reads on the first connection that is free.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let free = self.0.iter().find_map(|reader| match reader.try_lock() {
            Ok(reader) => Some(reader),
            Err(TryLockError::Poisoned(reader)) => Some(reader.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        let mut reader = free.unwrap_or_else(|| lock(&self.0[0]));
        if reader.begun.elapsed() > SNAPSHOT_LIMIT {
            reader.end()?;
        }
        if reader.connection.is_autocommit() {
            reader.connection.prepare_cached("BEGIN")?.execute([])?;
            reader.begun = Instant::now();
        }
        query(&reader.connection)
    }

    /// Has every read from now on see what is committed by now.
    pub(crate) fn renew(&self) -> rusqlite::Result<()> {
        self.0.iter().try_for_each(|reader| lock(reader).end())
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
