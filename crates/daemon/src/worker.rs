//! Blocking work on separate threads. Each thread owns its context (a connection, a file, a buffer), takes jobs from
//! a bounded queue, and answers each through a oneshot channel.

use std::fmt;
use std::iter;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::Fatal;

/// Why a job was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// The queue is full.
    QueueFull,
    /// The thread has ended.
    Ended,
}

/// A job that runs on a context `C` and sends its result to the caller.
pub trait Job<C, E>: Send {
    /// Runs the job and keeps its result.
    ///
    /// # Errors
    /// Returns the error that stopped it.
    fn run(&mut self, context: &mut C) -> Result<(), E>;

    /// Sends the result to the caller, or `failure` if the result did not last.
    fn answer(self: Box<Self>, failure: Option<E>);
}

/// A job in the queue.
pub type Boxed<C, E> = Box<dyn Job<C, E>>;

/// A closure as a job: what remains to be run, then its result.
struct Task<T, F, E> {
    job: Option<F>,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<C, T, F, E> Job<C, E> for Task<T, F, E>
where
    T: Send,
    F: FnOnce(&mut C) -> Result<T, E> + Send,
    E: From<Rejected> + Send,
{
    fn run(&mut self, context: &mut C) -> Result<(), E> {
        let job = self.job.take().expect("a job runs once");
        job(context).map(|value| self.outcome = Some(value))
    }

    fn answer(self: Box<Self>, failure: Option<E>) {
        let outcome = match (failure, self.outcome) {
            (None, Some(value)) => Ok(value),
            (failure, _) => Err(failure.unwrap_or_else(|| Rejected::Ended.into())),
        };
        // A caller that has gone away does not undo the job.
        let _ = self.reply.send(outcome);
    }
}

/// The receiving end of the queue, shared by the threads of a worker.
pub struct Jobs<C, E>(Arc<Mutex<Receiver<Boxed<C, E>>>>);

impl<C, E> Jobs<C, E> {
    /// Waits for a job; returns `None` once the worker is dropped and the queue is empty.
    pub fn next(&self) -> Option<Boxed<C, E>> {
        self.queue().recv().ok()
    }

    /// Waits for a job and takes it with the jobs that wait next, at most `limit` in all.
    pub fn batch(&self, limit: usize) -> Option<Vec<Boxed<C, E>>> {
        let queue = self.queue();
        let first = queue.recv().ok()?;
        Some(iter::once(first).chain(queue.try_iter()).take(limit).collect())
    }

    /// Does the same as [`Jobs::batch`], but returns an empty batch if no job arrives within `wait`.
    pub fn batch_within(&self, limit: usize, wait: Duration) -> Option<Vec<Boxed<C, E>>> {
        let queue = self.queue();
        match queue.recv_timeout(wait) {
            Ok(first) => Some(iter::once(first).chain(queue.try_iter()).take(limit).collect()),
            Err(RecvTimeoutError::Timeout) => Some(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn queue(&self) -> MutexGuard<'_, Receiver<Boxed<C, E>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Threads and their queue. Dropping it runs the jobs that wait and joins the threads.
pub struct Worker<C, E> {
    queue: Option<SyncSender<Boxed<C, E>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<C, E> fmt::Debug for Worker<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} threads", self.threads.len())
    }
}

impl<C: 'static, E: From<Rejected> + Send + 'static> Worker<C, E> {
    /// Starts a thread for each of `works`, all fed by one queue of this length. A panic in one is fatal.
    ///
    /// # Errors
    /// Returns an error message for the operator if a thread cannot be started.
    pub fn start<W>(
        name: &'static str,
        queue: usize,
        fatal: &Fatal,
        works: impl IntoIterator<Item = W>,
    ) -> anyhow::Result<Self>
    where
        W: FnOnce(Jobs<C, E>) + Send + 'static,
    {
        let (sender, receiver) = sync_channel(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = works.into_iter().map(|work| {
            let (jobs, fatal) = (Jobs(Arc::clone(&receiver)), fatal.clone());
            thread::Builder::new().name(name.to_owned()).spawn(move || {
                let _guard = fatal.on_panic(name);
                work(jobs);
            })
        });
        let threads = threads.collect::<Result<_, _>>();
        let threads = threads.with_context(|| format!("cannot start the thread `{name}`"))?;
        Ok(Self { queue: Some(sender), threads })
    }

    /// Runs a job and waits for its result.
    ///
    /// # Errors
    /// Returns the error of the job, or why it was not run.
    pub async fn run<T, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut C) -> Result<T, E> + Send + 'static,
    {
        match self.submit(job)?.await {
            Ok(outcome) => outcome,
            // The thread ended without an answer. That is fatal: until the process ends no caller gets an answer.
            Err(_) => std::future::pending().await,
        }
    }

    /// Does the same as [`Worker::run`] on a thread that may block.
    ///
    /// # Errors
    /// Returns the error of the job, or why it was not run.
    pub fn run_blocking<T, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut C) -> Result<T, E> + Send + 'static,
    {
        self.submit(job)?.blocking_recv().unwrap_or_else(|_| Err(Rejected::Ended.into()))
    }

    fn submit<T, F>(&self, job: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut C) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(Task { job: Some(job), outcome: None, reply });
        match self.queue.as_ref().expect("the queue is open until drop").try_send(task) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => Err(Rejected::QueueFull.into()),
            Err(TrySendError::Disconnected(_)) => Err(Rejected::Ended.into()),
        }
    }
}

impl<C, E> Drop for Worker<C, E> {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            // A panic of the thread was raised as fatal already.
            let _ = thread.join();
        }
    }
}
