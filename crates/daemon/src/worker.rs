//! Blocking work on threads of its own: each owns what it works with (a connection, a file, a buffer), is fed
//! by a bounded queue, and answers through a oneshot.

use std::iter;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::Fatal;

/// Why a job was not done. Nothing came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejected {
    /// The queue is full.
    QueueFull,
    /// The thread has ended.
    Ended,
}

/// Something to do with a `C`, and somebody who waits for what comes of it.
pub trait Job<C, E>: Send {
    /// Does it, and keeps what came of it.
    ///
    /// # Errors
    /// What stopped it.
    fn run(&mut self, context: &mut C) -> Result<(), E>;

    /// Hands over what came of it; `failure` where that did not last.
    fn answer(self: Box<Self>, failure: Option<E>);
}

/// A job on its way to a thread.
pub type Boxed<C, E> = Box<dyn Job<C, E>>;

struct Asked<T, F, E> {
    job: Option<F>,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<C, T, F, E> Job<C, E> for Asked<T, F, E>
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
        // A caller that has gone away does not undo what was done.
        let _ = self.reply.send(outcome);
    }
}

/// What is waiting to be done; shared by the threads of a worker.
pub struct Jobs<C, E>(Arc<Mutex<Receiver<Boxed<C, E>>>>);

impl<C, E> Jobs<C, E> {
    /// Waits for a job; `None` once nobody can ask any more.
    pub fn next(&self) -> Option<Boxed<C, E>> {
        self.queue().recv().ok()
    }

    /// Waits for a job, and takes what waits behind it, at most `limit` in all.
    pub fn batch(&self, limit: usize) -> Option<Vec<Boxed<C, E>>> {
        let queue = self.queue();
        let first = queue.recv().ok()?;
        Some(iter::once(first).chain(queue.try_iter()).take(limit).collect())
    }

    /// The same, but waits only so long: an empty batch says that nothing came.
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

/// The threads and their queue. Dropping it has what is waiting done, and waits for the threads to end.
pub struct Worker<C, E> {
    queue: Option<SyncSender<Boxed<C, E>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<C, E> std::fmt::Debug for Worker<C, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} threads", self.threads.len())
    }
}

impl<C: 'static, E: From<Rejected> + Send + 'static> Worker<C, E> {
    /// Starts a thread for each of `works`, all fed by one queue of this length. One that panics is fatal.
    ///
    /// # Errors
    /// A sentence, where the system gives no thread.
    pub fn start<W>(
        name: &'static str,
        queue: usize,
        fatal: &Fatal,
        works: impl IntoIterator<Item = W>,
    ) -> Result<Self, String>
    where
        W: FnOnce(Jobs<C, E>) + Send + 'static,
    {
        let (sender, receiver) = sync_channel(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = works.into_iter().map(|work| {
            let (jobs, fatal) = (Jobs(Arc::clone(&receiver)), fatal.clone());
            thread::Builder::new().name(name.to_owned()).spawn(move || {
                let _guard = fatal.unless_returned(name);
                work(jobs);
            })
        });
        let threads = threads.collect::<Result<_, _>>();
        let threads = threads.map_err(|error| format!("cannot start the thread `{name}`: {error}"))?;
        Ok(Self { queue: Some(sender), threads })
    }

    /// Has a job done and waits for what comes of it.
    ///
    /// # Errors
    /// What stopped it, or why it was not taken.
    pub async fn ask<T, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut C) -> Result<T, E> + Send + 'static,
    {
        match self.hand_over(job)?.await {
            Ok(outcome) => outcome,
            // The thread ended with the job undone or its outcome unknown. That was fatal: the process ends, and
            // until it does nobody is told anything.
            Err(_) => std::future::pending().await,
        }
    }

    /// The same, for a thread that may block.
    ///
    /// # Errors
    /// What stopped it, or why it was not taken.
    pub fn ask_blocking<T, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut C) -> Result<T, E> + Send + 'static,
    {
        self.hand_over(job)?.blocking_recv().unwrap_or_else(|_| Err(Rejected::Ended.into()))
    }

    fn hand_over<T, F>(&self, job: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        T: Send + 'static,
        F: FnOnce(&mut C) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let asked = Box::new(Asked { job: Some(job), outcome: None, reply });
        match self.queue.as_ref().expect("the queue is open until drop").try_send(asked) {
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
