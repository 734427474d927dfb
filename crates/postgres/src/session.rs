//! A connection to the primary, with a time limit round each statement.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row, Statement};

use crate::error::{Error, Failure};
use crate::tls::Tls;

/// For one statement. A statement without a limit hangs for as long as a frozen server does. Nothing is cancelled at the
/// end, the connection is closed: a cancelled commit that waits for its standby is reported as made.
pub(crate) const STATEMENT_LIMIT: Duration = Duration::from_secs(2);
/// For the whole of connecting: `connect_timeout` covers TCP alone. Two attempts fit into a handler's time.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_millis(1700);
/// Connections move to other hosts, and rows of `fence` that nobody uses can be told by their age.
const LIFE: Duration = Duration::from_secs(600);

/// The values of the parameters `$1`, `$2` … of a statement.
pub(crate) type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

/// A connection. Dropping it closes the connection.
#[derive(Debug)]
pub struct Session {
    client: Client,
    driver: AbortHandle,
    opened: Instant,
    statements: Mutex<HashMap<&'static str, Statement>>,
    /// The row of this connection in the table `fence`, and the number of its last write.
    pub(crate) fence: Option<(String, i64)>,
}

impl Session {
    pub(crate) async fn connect((config, tls): &(Config, Tls)) -> Result<Self, Error> {
        let (client, connection) = limited(CONNECT_LIMIT, config.connect(tls.clone())).await?;
        // How a connection ends is seen by its statements.
        let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok(Self { client, driver, opened: Instant::now(), statements: Mutex::default(), fence: None })
    }

    /// Returns whether the connection is open and young enough for another use.
    pub(crate) fn is_usable(&self) -> bool {
        !self.client.is_closed() && self.opened.elapsed() < LIFE
    }

    /// Runs a statement and returns its rows.
    ///
    /// # Errors
    /// Returns a failure for the engine, which decides what follows from it.
    pub async fn rows(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, Failure> {
        let run = async { self.client.query(&self.prepared(sql).await?, values).await };
        limited(STATEMENT_LIMIT, run).await.map_err(Failure)
    }

    /// Runs a statement without parameters and without rows.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), Error> {
        limited(STATEMENT_LIMIT, self.client.batch_execute(sql)).await
    }

    async fn prepared(&self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let known = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(sql, statement.clone());
        Ok(statement)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Without this the connection stays open until the server has answered every statement.
        self.driver.abort();
    }
}

/// Awaits a step of a connection that may take no longer than `limit`.
async fn limited<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Error> {
    match timeout(limit, step).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(Error::Lost(format!("no answer from the database within {limit:?}"))),
    }
}
