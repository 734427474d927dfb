//! Writes: one transaction each, and the fence that settles an unknown outcome.
//!
//! If the connection breaks during a commit, the client cannot know whether it was made. So each connection has a row
//! in the table `fence`, and each transaction begins by writing its number there. Another connection then finds the
//! number only if the commit was made. It writes to the row too. So it waits for a transaction that is still in flight and
//! holds the row, and its own commit shows that the number is on as many nodes as any acknowledged write.

use std::time::Duration;

use storage::StoreError;
use tokio::time::{Instant, sleep, timeout_at};

use crate::Database;
use crate::error::{Error, Failure};
use crate::pool::Lease;
use crate::session::{Session, Values};

/// For a call with all its attempts, and the fence: a second less than a handler has, so that the caller gets the answer.
pub(crate) const OPERATION_LIMIT: Duration = Duration::from_secs(4);

/// Between attempts to settle an outcome, while another server becomes the primary.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes the row of a connection, and removes the rows of connections that have long ended.
const ENTER: &str = "WITH old AS (DELETE FROM fence WHERE used < now() - INTERVAL '1 day')
    INSERT INTO fence (id) VALUES (gen_random_uuid()::TEXT) RETURNING id";
const NUMBER: &str = "UPDATE fence SET writes = $2, used = now() WHERE id = $1 RETURNING id";
const SETTLE: &str = "UPDATE fence SET used = now() WHERE id = $1 RETURNING writes";

/// The statements of a transaction. A job may run several times, but at most one run is committed.
pub trait Job: Sync {
    /// What the job returns.
    type Output: Send;

    /// Runs the statements and decides.
    fn run(&self, session: &Session) -> impl Future<Output = Result<Decision<Self::Output>, Failure>> + Send;
}

/// What becomes of a transaction.
#[derive(Debug)]
pub enum Decision<T> {
    /// Its changes are committed.
    Commit(T),
    /// There is nothing to commit.
    RollBack(T),
}

impl Database {
    /// Runs a job as a transaction, and answers once it is committed. Jobs that are known to have changed nothing are
    /// repeated while there is time.
    ///
    /// # Errors
    /// Returns `Unsettled` if the commit may have been made or not; in each other case nothing was changed. A caller that
    /// stops waiting is in the same doubt.
    pub async fn write<J: Job>(&self, job: &J) -> Result<J::Output, StoreError> {
        let (start, deadline) = (Instant::now(), Instant::now() + OPERATION_LIMIT);
        loop {
            let mut lease = self.pool.lease(deadline).await?;
            let ran = match timeout_at(deadline, before_commit(&mut lease, job)).await {
                Ok(ran) => ran,
                Err(_) => return Err(StoreError::Unreachable("the transaction took too long".to_owned())),
            };
            let error = match ran {
                Ok(Decision::RollBack(output)) => {
                    if lease.session().run("ROLLBACK").await.is_ok() {
                        lease.give_back();
                    }
                    return Ok(output);
                }
                Ok(Decision::Commit(output)) => match commit(&mut lease, deadline).await? {
                    Ok(()) => {
                        lease.give_back();
                        self.metrics.committed(1, start.into_std());
                        return Ok(output);
                    }
                    Err(error) => error,
                },
                Err(error) => error,
            };
            match error.after(lease) {
                Some(final_error) => return Err(final_error),
                None if Instant::now() < deadline => {}
                None => return Err(error.into_unreachable()),
            }
        }
    }
}

/// Begins a transaction and runs the job in it.
async fn before_commit<J: Job>(lease: &mut Lease<'_>, job: &J) -> Result<Decision<J::Output>, Error> {
    begin(lease).await?;
    job.run(lease.session()).await.map_err(|Failure(error)| error)
}

/// Begins a transaction, which writes its number first.
pub(crate) async fn begin(lease: &mut Lease<'_>) -> Result<(), Error> {
    let session = lease.session_mut();
    if session.fence.is_none() {
        let rows = session.rows(ENTER, &[]).await.map_err(|Failure(error)| error)?;
        session.fence = Some((rows[0].get(0), 0));
    }
    let (row, number) = session.fence.as_mut().expect("it was just made");
    *number += 1;
    let (row, number) = (row.clone(), *number);
    // Both are sent at once: a round trip less.
    let values: Values<'_> = &[&row, &number];
    let (begun, numbered) = tokio::join!(session.run("BEGIN"), session.rows(NUMBER, values));
    begun?;
    if numbered.map_err(|Failure(error)| error)?.is_empty() {
        return Err(Error::Lost("the row of the connection is gone".to_owned()));
    }
    Ok(())
}

/// Commits. The inner error is one after which nothing was changed.
pub(crate) async fn commit(
    lease: &mut Lease<'_>,
    deadline: Instant,
) -> Result<Result<(), Error>, StoreError> {
    match lease.session().run("COMMIT").await {
        Ok(()) => Ok(Ok(())),
        Err(error) if !error.leaves_doubt() => Ok(Err(error)),
        Err(error) => match timeout_at(deadline, settle(lease)).await {
            Ok(true) => Ok(Ok(())),
            Ok(false) => Ok(Err(error)),
            Err(_) => {
                Err(StoreError::Unsettled(format!("{error:?}, and the primary did not say more in time")))
            }
        },
    }
}

/// Returns whether the last commit of a broken connection was made, and replaces the connection.
async fn settle(lease: &mut Lease<'_>) -> bool {
    let (row, number) = lease.session().fence.clone().expect("a write has a row");
    loop {
        if lease.replace().await.is_ok()
            && let Ok(rows) = lease.session().rows(SETTLE, &[&row]).await
        {
            return rows.first().is_some_and(|row| row.get::<_, i64>(0) == number);
        }
        sleep(PAUSE).await;
    }
}
