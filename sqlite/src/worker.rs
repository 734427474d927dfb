//! A thread that owns a connection, fed by a bounded queue. The writer commits whatever is waiting as one
//! transaction and answers only then: under load one sync serves hundreds of writes.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use chassis::Fatal;
use chassis::metrics::{Metrics, histogram};
use prometheus_client::metrics::counter::Counter;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::Error;
use crate::connection::is_io_failure;

/// More than there are connections would never be waiting at once.
const BATCH: usize = 1024;

/// The thread and its queue. Dropping it does what is waiting, and closes the connection.
#[derive(Debug)]
pub(crate) struct Worker {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

/// Something to do with a connection, and somebody who waits for it.
trait Job: Send {
    /// Does it, and keeps what came of it.
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// Hands over what came of it; `failure` where that did not last.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

struct Asked<T, F> {
    job: Option<F>,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Job for Asked<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
{
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let job = self.job.take().expect("a job runs once");
        job(connection).map(|value| self.outcome = Some(value))
    }

    fn answer(self: Box<Self>, failure: Option<Error>) {
        let outcome = match (failure, self.outcome) {
            (None, Some(value)) => Ok(value),
            (failure, _) => {
                Err(failure.unwrap_or_else(|| Error::Failed("another write failed beside it".to_owned())))
            }
        };
        // A caller that has gone away does not undo what was done.
        let _ = self.reply.send(outcome);
    }
}

impl Worker {
    /// A thread that writes.
    pub(crate) fn writer(
        connection: Connection,
        queue: usize,
        fatal: Fatal,
        metrics: &mut Metrics,
    ) -> io::Result<Self> {
        let (durations, writes) = (histogram(), Counter::<u64>::default());
        metrics.register(
            "store_commit_seconds",
            "From the first write of a transaction to its sync",
            durations.clone(),
        );
        metrics.register("store_writes", "Writes committed", writes.clone());
        Self::spawn("writer", queue, fatal.clone(), move |jobs| {
            while let Ok(first) = jobs.recv() {
                let started = Instant::now();
                let batch: Vec<_> = std::iter::once(first).chain(jobs.try_iter()).take(BATCH).collect();
                let count = batch.len() as u64;
                if commit(&connection, batch, &fatal).is_break() {
                    return;
                }
                durations.observe(started.elapsed().as_secs_f64());
                writes.inc_by(count);
            }
        })
    }

    /// A thread that reads.
    pub(crate) fn reader(connection: Connection, queue: usize, fatal: Fatal) -> io::Result<Self> {
        Self::spawn("reader", queue, fatal, move |jobs| {
            while let Ok(mut job) = jobs.recv() {
                let failure = job.run(&connection).err().map(Error::from);
                job.answer(failure);
            }
        })
    }

    fn spawn(
        name: &'static str,
        queue: usize,
        fatal: Fatal,
        work: impl FnOnce(&Receiver<Box<dyn Job>>) + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, jobs) = sync_channel(queue);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _guard = fatal.unless_returned(name);
            work(&jobs);
        })?;
        Ok(Self { queue: Some(sender), thread: Some(thread) })
    }

    /// Has a job done and waits for what comes of it.
    pub(crate) async fn ask<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let asked = Box::new(Asked { job: Some(job), outcome: None, reply });
        let ended = || Error::Failed("the database thread has ended".to_owned());
        match self.queue.as_ref().expect("the queue is open until drop").try_send(asked) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(ended())),
            Err(TrySendError::Full(_)) => Err(Error::Busy),
            Err(TrySendError::Disconnected(_)) => Err(ended()),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.queue.take());
        // A panic of the thread was raised as fatal already.
        self.thread.take().map(JoinHandle::join);
    }
}

/// Does a batch as one transaction, then answers each. Breaks where it is unknown what is on the disk.
fn commit(connection: &Connection, mut batch: Vec<Box<dyn Job>>, fatal: &Fatal) -> std::ops::ControlFlow<()> {
    let outcome = connection
        .execute_batch("BEGIN IMMEDIATE")
        .and_then(|()| batch.iter_mut().try_for_each(|job| job.run(connection)))
        .and_then(|()| connection.execute_batch("COMMIT"));
    let Err(error) = outcome else {
        batch.into_iter().for_each(|job| job.answer(None));
        return std::ops::ControlFlow::Continue(());
    };
    if is_io_failure(&error) {
        // The kernel may report the next sync as fine though this data never reached the disk: nobody is
        // answered, and only a fresh start can tell what is there.
        fatal.raise(format!("the database could not be written, and its state is unknown: {error}"));
        return std::ops::ControlFlow::Break(());
    }
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        fatal.raise(format!("the database could not undo a failed write: {error}"));
        return std::ops::ControlFlow::Break(());
    }
    for job in batch {
        job.answer(Some(copy(&error)));
    }
    std::ops::ControlFlow::Continue(())
}

/// The same failure for each of a batch.
fn copy(error: &rusqlite::Error) -> Error {
    match error.sqlite_error() {
        Some(code) => rusqlite::Error::SqliteFailure(*code, Some(error.to_string())).into(),
        None => Error::Failed(error.to_string()),
    }
}
