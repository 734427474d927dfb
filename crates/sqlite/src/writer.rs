//! The writer thread: it commits all waiting jobs as one transaction and answers only then, so that under load one
//! sync serves hundreds of writes. Every few minutes it truncates the WAL, so that deleted content leaves it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use daemon::{Boxed, Fatal, Jobs};
use rusqlite::Connection;
use storage::{CommitMetrics, Registry, StoreError};

use crate::classify;
use crate::connection::BUSY_LIMIT;
use crate::file::Files;
use crate::readers::Readers;

/// More jobs than there are connections never wait at once.
const BATCH: usize = 1024;
/// How long writes wait while the WAL cannot be truncated because somebody still reads it.
const TRUNCATE_LIMIT: Duration = Duration::from_millis(50);
/// If the WAL could not be truncated, this part of the usual time passes before the next attempt.
const RETRY_PART: u32 = 8;

pub(crate) struct Writer {
    // Dropped before the connection: the last connection to close folds the WAL into the database, which only a
    // writing one can do.
    readers: Arc<Readers>,
    connection: Connection,
    files: Files,
    erase_after: Duration,
    /// When to truncate the WAL, even without a commit: another process (`auth revoke`) may have written to it.
    truncate_at: Instant,
    metrics: CommitMetrics,
}

impl Writer {
    pub(crate) fn new(
        connection: Connection,
        readers: Arc<Readers>,
        files: Files,
        erase_after: Duration,
        registry: &mut Registry,
    ) -> Self {
        let metrics = CommitMetrics::register(registry);
        let truncate_at = Instant::now() + erase_after;
        Self { readers, connection, files, erase_after, truncate_at, metrics }
    }

    /// Works until the database is dropped, or until the state of the disk is unknown.
    pub(crate) fn work(mut self, jobs: &Jobs<Connection, StoreError>, fatal: &Fatal) {
        loop {
            let wait = self.truncate_at.saturating_duration_since(Instant::now());
            let Some(waiting) = jobs.batch_within(BATCH, wait) else { return };
            if let Err(message) = self.commit(waiting).and_then(|()| self.truncate_wal()) {
                fatal.raise(message);
                return;
            }
        }
    }

    /// Runs a batch as one transaction and answers each job.
    ///
    /// An error is fatal, and no job was answered. If a sync has failed, the kernel may report the next one as successful
    /// though this data never reached the disk, so only a new start can find out.
    fn commit(&mut self, mut batch: Vec<Boxed<Connection, StoreError>>) -> Result<(), String> {
        if batch.is_empty() {
            return Ok(());
        }
        let (start, count) = (Instant::now(), batch.len() as u64);
        let failure = match self.run(&mut batch) {
            Ok(()) => None,
            Err(StoreError::Unknown(cause)) => return Err(unknown(&cause)),
            Err(failure) => Some(failure),
        };
        // After some errors, such as a full disk, SQLite has ended the transaction itself.
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK").map_err(|error| unknown(&error.to_string()))?;
        }
        if failure.is_none() {
            self.files.check()?;
            self.metrics.committed(count, start);
        }
        for job in batch {
            job.answer(failure.clone());
        }
        Ok(())
    }

    /// Runs the jobs and commits.
    fn run(&mut self, batch: &mut [Boxed<Connection, StoreError>]) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(classify)?;
        batch.iter_mut().try_for_each(|job| job.run(&mut self.connection))?;
        let _no_snapshots = self.readers.end_snapshots().map_err(classify)?;
        self.connection.execute_batch("COMMIT").map_err(classify)
    }

    /// Moves the WAL into the database and cuts it to nothing, if it is time. An error is fatal.
    fn truncate_wal(&mut self) -> Result<(), String> {
        if self.truncate_at > Instant::now() {
            return Ok(());
        }
        let retry = self.erase_after / RETRY_PART;
        let wait = match self.try_truncate().map_err(classify) {
            Ok(true) => self.erase_after,
            Ok(false) => retry,
            Err(StoreError::Unknown(cause)) => return Err(unknown(&cause)),
            Err(error) => {
                tracing::warn!(%error, "deleted content is still in the WAL; truncating it will be tried again");
                retry
            }
        };
        self.truncate_at = Instant::now() + wait;
        Ok(())
    }

    /// Returns `false` if a reader was in the way: a long query, or a backup.
    fn try_truncate(&self) -> rusqlite::Result<bool> {
        let _no_snapshots = self.readers.end_snapshots()?;
        self.connection.busy_timeout(TRUNCATE_LIMIT)?;
        let busy =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        self.connection.busy_timeout(BUSY_LIMIT)?;
        Ok(!busy?)
    }
}

fn unknown(cause: &str) -> String {
    format!("the database could not be written, and its state is unknown: {cause}")
}
