//! The writer thread: it commits all waiting jobs as one transaction and answers only then, so that under load one
//! sync serves hundreds of writes.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use daemon::{Boxed, Fatal, Jobs};
use rusqlite::Connection;
use storage::{CommitMetrics, Registry, StoreError};

use crate::classify;
use crate::readers::Readers;

/// More jobs than there are connections never wait at once.
const BATCH: usize = 1024;

/// Returns the work of the thread.
pub(crate) fn work(
    mut connection: Connection,
    readers: Arc<Readers>,
    fatal: Fatal,
    registry: &mut Registry,
) -> impl FnOnce(Jobs<Connection, StoreError>) + Send + use<> {
    let metrics = CommitMetrics::register(registry);
    move |jobs| {
        while let Some(batch) = jobs.batch(BATCH) {
            let (start, count) = (Instant::now(), batch.len() as u64);
            match commit(&mut connection, &readers, batch) {
                ControlFlow::Continue(true) => metrics.committed(count, start),
                ControlFlow::Continue(false) => {}
                ControlFlow::Break(cause) => {
                    fatal.raise(format!(
                        "the database could not be written, and its state is unknown: {cause}"
                    ));
                    return;
                }
            }
        }
        // The last connection to close folds the WAL into the database, which only a writing one can do.
        drop(readers);
    }
}

/// Runs a batch as one transaction, answers each job, and returns whether the transaction was committed.
///
/// Breaks without answering if the state of the disk is unknown: the kernel may report the next sync as successful
/// though this data never reached the disk, so only a new start can find out.
fn commit(
    connection: &mut Connection,
    readers: &Readers,
    mut batch: Vec<Boxed<Connection, StoreError>>,
) -> ControlFlow<String, bool> {
    let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(classify);
    let outcome =
        begun.and_then(|()| batch.iter_mut().try_for_each(|job| job.run(connection))).and_then(|()| {
            let _no_snapshots = readers.end_snapshots().map_err(classify)?;
            connection.execute_batch("COMMIT").map_err(classify)
        });
    let failure = match outcome {
        Ok(()) => None,
        Err(StoreError::Unknown(cause)) => return ControlFlow::Break(cause),
        Err(failure) => Some(failure),
    };
    // After some errors, such as a full disk, SQLite has ended the transaction itself.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        return ControlFlow::Break(error.to_string());
    }
    let committed = failure.is_none();
    for job in batch {
        job.answer(failure.clone());
    }
    ControlFlow::Continue(committed)
}
