//! Calls that come at once share a statement or a transaction: under load each serves all that have come since the last
//! one, as the writer threads of the embedded stores do.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storage::StoreError;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::pool::TURN_LIMIT;

/// Batches under way at once. Fewer make larger batches, more use more processors of the server.
const TURNS: usize = 4;
/// Calls in a batch, so that none takes long. More of them make two batches.
const MOST: usize = 128;

/// Work that is done for several calls at once.
pub trait Work: Send + Sync + 'static {
    /// A call.
    type Call: Send + Sync;
    /// The answer to a call.
    type Answer: Send;

    /// Serves these calls, and returns an answer for each, in their order.
    fn serve(
        &self,
        calls: &[Self::Call],
    ) -> impl Future<Output = Result<Vec<Self::Answer>, StoreError>> + Send;
}

/// Collects calls into batches.
pub struct Batches<W: Work>(Arc<Inner<W>>);

struct Inner<W: Work> {
    work: W,
    waiting: Mutex<Vec<Waiting<W>>>,
    turns: Semaphore,
}

type Waiting<W> = (<W as Work>::Call, oneshot::Sender<Result<<W as Work>::Answer, StoreError>>);

impl<W: Work> Batches<W> {
    /// Prepares for calls.
    pub fn new(work: W) -> Self {
        Self(Arc::new(Inner { work, waiting: Mutex::default(), turns: Semaphore::new(TURNS) }))
    }

    /// Serves a call, together with others. It goes on if the caller stops waiting.
    ///
    /// # Errors
    /// Returns the error of the work, or `Busy` if no turn comes in time.
    pub async fn call(&self, call: W::Call) -> Result<W::Answer, StoreError> {
        let (answer, answered) = oneshot::channel();
        let opens_batch = {
            let mut waiting = self.0.waiting();
            waiting.push((call, answer));
            waiting.len() % MOST == 1
        };
        // A separate task, because the caller may stop waiting and the others may not.
        if opens_batch {
            tokio::spawn(Arc::clone(&self.0).serve_batch());
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::Failed("a batch ended without answers".to_owned())))
    }
}

impl<W: Work> fmt::Debug for Batches<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").finish_non_exhaustive()
    }
}

impl<W: Work> Inner<W> {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting<W>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve_batch(self: Arc<Self>) {
        let turn = timeout(TURN_LIMIT, self.turns.acquire()).await;
        let (calls, callers): (Vec<_>, Vec<_>) = {
            let mut waiting = self.waiting();
            let end = waiting.len().min(MOST);
            waiting.drain(..end).unzip()
        };
        let served = match turn {
            Ok(_permit) => self.work.serve(&calls).await,
            Err(_) => Err(StoreError::Busy),
        };
        let mut answers = served.map(Vec::into_iter);
        for caller in callers {
            let answer = match &mut answers {
                Ok(answers) => Ok(answers.next().expect("an answer for each call")),
                Err(error) => Err(error.clone()),
            };
            // A caller that is gone needs no answer.
            let _ = caller.send(answer);
        }
    }
}
