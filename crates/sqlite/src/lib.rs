//! What the services on SQLite share: a safe opening, migrations, one writer thread with group commit, and
//! readers beside it. It knows no table: each service brings its schema and its statements.
//!
//! Acknowledged means durable: [`Database::write`] answers only after the commit that holds the write was
//! synced (WAL with `synchronous=FULL`).

mod connection;
mod copy;
mod readers;
mod writer;

use std::path::Path;
use std::sync::Arc;

use chassis::Problem;
use chassis::metrics::Metrics;
use daemon::lock::StoreLock;
use daemon::{Fatal, Jobs, Rejected, Worker};
use rusqlite::{Connection, ErrorCode};

use readers::Readers;

pub use connection::{Access, Migrations, connect};
pub use copy::{backup, restore};
pub use rusqlite;

/// A second's worth of writes, and more than there are connections from which one could come.
const QUEUE: usize = 2048;

/// Why the database did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no room on the disk; nothing was changed.
    Full(String),
    /// Too much is waiting, or another process holds the database; nothing was changed.
    Busy,
    /// The disk failed. Where that was in a write nobody knows what was changed, and the service ends.
    Unknown(String),
    /// Anything else; nothing was changed.
    Failed(String),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::SystemIoFailure) => Self::Unknown(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::QueueFull => Self::Busy,
            Rejected::Ended => Self::Failed("the database thread has ended".to_owned()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Full(cause) => Self::disk_full(cause),
            Error::Busy => Self::too_busy("Too many writes are waiting."),
            Error::Unknown(cause) | Error::Failed(cause) => Self::internal(cause),
        }
    }
}

/// An open database that only this process serves from.
///
/// Fields are dropped in the order they stand in: the writer is the last connection to close, for only it may
/// fold the WAL into the database and remove it.
#[derive(Debug)]
pub struct Database {
    readers: Arc<Readers>,
    scanner: Worker<Connection, Error>,
    writer: Worker<Connection, Error>,
    _lock: StoreLock,
}

impl Database {
    /// Opens or makes the database, brings its schema up to date and starts its threads.
    ///
    /// # Errors
    /// A sentence: in use by another process, not writable, not a database, from a newer version.
    pub fn open(
        path: &Path,
        migrations: Migrations,
        fatal: Fatal,
        metrics: &mut Metrics,
    ) -> Result<Self, String> {
        let lock = StoreLock::take(path)?;
        let refusal =
            |error: rusqlite::Error| format!("cannot open the database {}: {error}", path.display());
        // The writer's first: it makes the file and the schema that the others read.
        let connection = connect(path, Access::Create, migrations)?;
        let readers = Arc::new(Readers::open(path).map_err(refusal)?);
        let writing = writer::work(connection, Arc::clone(&readers), fatal.clone(), metrics);
        let writer = Worker::start("writer", QUEUE, &fatal, [writing])?;
        let scanning = scan(connection::reader(path).map_err(refusal)?);
        let scanner = Worker::start("scanner", QUEUE, &fatal, [scanning])?;
        Ok(Self { readers, scanner, writer, _lock: lock })
    }

    /// Runs `job` inside a transaction that it may share with others, and answers once that is durable.
    ///
    /// A job checks and changes; what it finds wrong is a value, not an error: an error ends the whole
    /// transaction, that of the others too.
    ///
    /// # Errors
    /// See [`Error`]; in each case nothing was changed. A caller that gives up waiting does not undo the job.
    pub async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.ask(|db| Ok(job(db)?)).await
    }

    /// Reads more than a row, on a thread of its own.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn scan<T, F>(&self, query: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.scanner.ask(|db| Ok(query(db)?)).await
    }

    /// Reads a row by its key on the calling thread: a matter of microseconds, less than a change of thread.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        Ok(self.readers.read(query)?)
    }

    /// Whether the database can be read.
    ///
    /// # Errors
    /// What is missing, for a readiness probe.
    pub fn check(&self) -> Result<(), String> {
        let schema = self
            .read(|db| db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)));
        schema.map(drop).map_err(|_| "the database cannot be read".to_owned())
    }
}

/// The work of the thread that reads more than a row at a time.
fn scan(mut connection: Connection) -> impl FnOnce(Jobs<Connection, Error>) + Send {
    move |jobs| {
        while let Some(mut job) = jobs.next() {
            let failure = job.run(&mut connection).err();
            job.answer(failure);
        }
    }
}
