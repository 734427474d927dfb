//! The thread that writes: it commits whatever is waiting as one transaction and answers only then, so that
//! under load one sync serves hundreds of writes.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Instant;

use chassis::metrics::{Metrics, histogram};
use daemon::{Boxed, Fatal, Jobs};
use prometheus_client::metrics::counter::Counter;
use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::Error;
use crate::readers::Readers;

/// More than there are connections would never be waiting at once.
const BATCH: usize = 1024;
/// SQLite's own default for its automatic checkpoint: 1,000 pages, 4 MiB.
const CHECKPOINT_PAGES: i32 = 1000;

/// The work of the thread.
pub(crate) fn work(
    mut connection: Connection,
    readers: Arc<Readers>,
    fatal: Fatal,
    metrics: &mut Metrics,
) -> rusqlite::Result<impl FnOnce(Jobs<Connection, Error>) + Send + use<>> {
    let (durations, writes) = (histogram(), Counter::<u64>::default());
    metrics.register(
        "store_commit_seconds",
        "From the first write of a transaction to its sync",
        durations.clone(),
    );
    metrics.register("store_writes", "Writes committed", writes.clone());
    let wal_pages = Arc::new(AtomicI32::new(0));
    let seen = Arc::clone(&wal_pages);
    connection.wal_hook(Some(move |_: &mut Wal, pages| {
        seen.store(pages, Ordering::Relaxed);
        Ok(())
    }))?;
    Ok(move |jobs: Jobs<Connection, Error>| {
        while let Some(batch) = jobs.batch(BATCH) {
            let (started, count) = (Instant::now(), batch.len() as u64);
            match commit(&mut connection, &readers, batch) {
                ControlFlow::Continue(committed) if committed => {
                    durations.observe(started.elapsed().as_secs_f64());
                    writes.inc_by(count);
                }
                ControlFlow::Continue(_) => {}
                ControlFlow::Break(cause) => return fatal.raise(unknown(&cause)),
            }
            if wal_pages.load(Ordering::Relaxed) >= CHECKPOINT_PAGES
                && let Err(Error::Unknown(cause)) = checkpoint(&connection, &readers)
            {
                return fatal.raise(unknown(&cause));
            }
        }
        // The last connection to close folds the WAL into the database, and that has to be one that writes.
        drop(readers);
    })
}

fn unknown(cause: &str) -> String {
    format!("the database could not be written, and its state is unknown: {cause}")
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
    let outcome = begun
        .and_then(|()| batch.iter_mut().try_for_each(|job| job.run(connection)))
        .and_then(|()| connection.execute_batch("COMMIT").map_err(Error::from));
    let failure = match outcome {
        Ok(()) => match readers.renew() {
            Ok(()) => None,
            Err(error) => return ControlFlow::Break(error.to_string()),
        },
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

/// Copies the WAL into the database, in place of SQLite's automatic checkpoint: see [`crate::connect`]. It goes as
/// far as all readers can see, and the WAL begins anew once none of them reads in it: hence after a commit, when
/// all see the newest, and hence they start afresh.
fn checkpoint(connection: &Connection, readers: &Readers) -> Result<(), Error> {
    let checkpointed = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    // The commits are durable in the WAL; where there is no room for more the next one will say so.
    checkpointed.inspect_err(|error| tracing::debug!(%error, "the checkpoint is put off"))?;
    Ok(readers.renew()?)
}
