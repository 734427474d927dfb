//! The engine of the stores on SQLite: safe opening, migrations, one writer thread with group commit, readers beside
//! it. It knows no table: each service brings its schema and its statements.
//!
//! Acknowledged means durable: [`Database::write`] answers only after the commit that holds the write was
//! synced (WAL with `synchronous=FULL`).

mod connection;
mod copy;
mod exchange;
mod file;
mod readers;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use daemon::{Fatal, Jobs, Worker};
use rusqlite::{Connection, ErrorCode};
use storage::{Registry, StoreError};

use file::{DatabaseFile, Files};
use readers::Readers;
use writer::Writer;

pub use connection::{Migrations, connect};
pub use copy::{Column, backup, restore};
pub use exchange::{export, import};
pub use file::check_name;
pub use rusqlite;

/// A second's worth of writes, and more than there are connections to send one.
const QUEUE: usize = 2048;

/// An open database that only this process serves.
///
/// Fields are dropped in this order: the writer is the last connection to close, for only it may fold the WAL into the
/// database and remove it. The file is closed after every connection, see `DatabaseFile`.
#[derive(Debug)]
pub struct Database {
    readers: Arc<Readers>,
    scanner: Worker<Connection, StoreError>,
    writer: Worker<Connection, StoreError>,
    files: Files,
    _file: DatabaseFile,
}

impl Database {
    /// Opens the database, creating it if missing, migrates its schema and starts its threads. Deleted content leaves the
    /// WAL once it has been there for `erase_after`.
    ///
    /// # Errors
    /// Returns an error message for the operator if another process uses the file, if it cannot be written, or if it is
    /// not a database of this schema or an older one.
    pub fn open(
        path: &Path,
        migrations: Migrations,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        let file = DatabaseFile::open(path)?;
        let path = file.path();
        let what = || format!("cannot open the database {}", path.display());
        // The writer comes first: it creates the schema that the others read.
        let connection = connect(path, migrations)?;
        if file.was_empty() {
            tracing::info!("created a new, empty database at {}", path.display());
        }
        let readers = Arc::new(Readers::open(path).with_context(what)?);
        let files = file.with_companions().with_context(what)?;
        let writer = Writer::new(connection, Arc::clone(&readers), files.clone(), erase_after, registry);
        let raise = fatal.clone();
        let writer = Worker::start("writer", QUEUE, &fatal, [move |jobs| writer.work(&jobs, &raise)])?;
        let scanning = scan(connection::reader(path).with_context(what)?);
        let scanner = Worker::start("scanner", QUEUE, &fatal, [scanning])?;
        Ok(Self { readers, scanner, writer, files, _file: file })
    }

    /// Runs `job` inside a transaction that it may share with other jobs, and answers once that is durable.
    ///
    /// A job that finds its request wrong returns that as a value: an error would roll the other jobs back too.
    ///
    /// # Errors
    /// See [`StoreError`]; in each case nothing was changed. A caller that stops waiting does not undo the job.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.run(|db| job(db).map_err(classify)).await
    }

    /// Runs a query of many rows, on a separate thread.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn scan<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.scanner.run(|db| query(db).map_err(classify)).await
    }

    /// Reads a row by its key on the calling thread: that takes microseconds, less than a change of thread.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.readers.read(query).map_err(classify)
    }

    /// Checks that the database can be read, and that it is still the one with its name.
    ///
    /// # Errors
    /// Returns the reason for a readiness probe.
    pub fn check(&self) -> Result<(), String> {
        self.files.check().map_err(|_| "the database was removed or replaced".to_owned())?;
        let schema = self
            .read(|db| db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)));
        schema.map(drop).map_err(|_| "the database cannot be read".to_owned())
    }
}

/// Maps an error of SQLite to its kind.
fn classify(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(error.to_string()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::SystemIoFailure) => StoreError::Unknown(error.to_string()),
        _ => StoreError::Failed(error.to_string()),
    }
}

/// Returns the work of the thread for queries of many rows.
fn scan(mut connection: Connection) -> impl FnOnce(Jobs<Connection, StoreError>) + Send {
    move |jobs| {
        while let Some(mut job) = jobs.next() {
            let failure = job.run(&mut connection).err();
            job.answer(failure);
        }
    }
}
