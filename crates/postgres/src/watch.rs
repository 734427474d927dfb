//! Readiness: whether the primary answers. A task asks it, because a readiness probe is open to strangers, and these must
//! not take connections.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::error::{Error, Failure};
use crate::pool::Pool;
use crate::session::Session;

/// A balancer probes about once a second.
const PAUSE: Duration = Duration::from_millis(500);

/// The watching task. Dropping it ends the task.
#[derive(Debug)]
pub(crate) struct Watch {
    state: Arc<Mutex<Result<(), String>>>,
    task: AbortHandle,
}

impl Watch {
    pub(crate) fn start(pool: Arc<Pool>, service: &'static str) -> Self {
        let state = Arc::new(Mutex::new(Err("the database was not reached yet".to_owned())));
        let task = tokio::spawn(watch(pool, service, Arc::clone(&state))).abort_handle();
        Self { state, task }
    }

    /// Returns the reason for not being ready.
    pub(crate) fn state(&self) -> Result<(), String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(pool: Arc<Pool>, service: &'static str, state: Arc<Mutex<Result<(), String>>>) {
    // Its own connection: every connection of the pool may be in use.
    let mut session = None;
    let mut before: Option<String> = None;
    loop {
        let cause =
            ask(&pool, &mut session).await.err().map(|error| format!("{:?}", error.into_unreachable()));
        // Each state is logged once.
        match &cause {
            Some(cause) if before.as_ref() != Some(cause) => {
                tracing::warn!(service, cause, "the database cannot be reached");
            }
            None if before.is_some() => tracing::info!(service, "the database is reached again"),
            _ => {}
        }
        // The reason is public, the cause is not.
        *state.lock().unwrap_or_else(PoisonError::into_inner) =
            cause.as_ref().map_or(Ok(()), |_| Err("the database cannot be reached".to_owned()));
        before = cause;
        sleep(PAUSE).await;
    }
}

/// Asks whether the connection leads to a primary, after opening it if necessary.
async fn ask(pool: &Pool, session: &mut Option<Session>) -> Result<(), Error> {
    let open = match session.take().filter(Session::is_usable) {
        Some(open) => open,
        None => pool.connect().await?,
    };
    let sql = "SELECT current_setting('transaction_read_only') = 'off'";
    let rows = open.rows(sql, &[]).await.map_err(|Failure(error)| error)?;
    if !rows[0].get::<_, bool>(0) {
        return Err(Error::Lost("the server is no longer the primary".to_owned()));
    }
    *session = Some(open);
    Ok(())
}
