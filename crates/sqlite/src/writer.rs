//! The thread that writes: it commits whatever is waiting as one transaction and answers only then, so that
//! under load one sync serves hundreds of writes.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use chassis::metrics::{Metrics, histogram};
use daemon::{Boxed, Fatal, Jobs};
use prometheus_client::metrics::counter::Counter;
use rusqlite::Connection;

use crate::Error;
use crate::readers::Readers;

/// More than there are connections would never be waiting at once.
const BATCH: usize = 1024;

/// The work of the thread.
pub(crate) fn work(
    mut connection: Connection,
    readers: Arc<Readers>,
    fatal: Fatal,
    metrics: &mut Metrics,
) -> impl FnOnce(Jobs<Connection, Error>) + Send + use<> {
    let (durations, writes) = (histogram(), Counter::<u64>::default());
    metrics.register(
        "store_commit_seconds",
        "From the first write of a transaction to its sync",
        durations.clone(),
    );
    metrics.register("store_writes", "Writes committed", writes.clone());
    move |jobs| {
        while let Some(batch) = jobs.batch(BATCH) {
            let (started, count) = (Instant::now(), batch.len() as u64);
            match commit(&mut connection, &readers, batch) {
                ControlFlow::Continue(committed) if committed => {
                    durations.observe(started.elapsed().as_secs_f64());
                    writes.inc_by(count);
                }
                ControlFlow::Continue(_) => {}
                ControlFlow::Break(cause) => {
                    fatal.raise(format!(
                        "the database could not be written, and its state is unknown: {cause}"
                    ));
                    return;
                }
            }
        }
        // The last connection to close folds the WAL into the database, and that has to be one that writes.
        drop(readers);
    }
}

/// Does a batch as one transaction, then answers each; says whether it was committed. Breaks, with nobody
/// answered, where it is unknown what is on the disk: the kernel may report the next sync as fine though this
/// data never reached it, so that only a fresh start can tell.
fn commit(
    connection: &mut Connection,
    readers: &Readers,
    mut batch: Vec<Boxed<Connection, Error>>,
) -> ControlFlow<String, bool> {
    let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(Error::from);
    let outcome =
        begun.and_then(|()| batch.iter_mut().try_for_each(|job| job.run(connection))).and_then(|()| {
            let _changing = readers.changing()?;
            Ok(connection.execute_batch("COMMIT")?)
        });
    let failure = match outcome {
        Ok(()) => None,
        Err(Error::Unknown(cause)) => return ControlFlow::Break(cause),
        Err(failure) => Some(failure),
    };
    // SQLite ends the transaction itself after some errors, a full disk among them.
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
