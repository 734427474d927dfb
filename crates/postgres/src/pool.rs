//! A few connections to the primary, used by turns.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use storage::StoreError;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::Config;

use crate::error::Error;
use crate::migrate::{Migrations, migrate, version};
use crate::session::Session;
use crate::tls::Tls;

/// Some six replicas fit into PostgreSQL's default of 100 connections; a server of eight cores is busy with as many.
const CONNECTIONS: usize = 16;
/// For a free connection. At most as many calls wait as the service has clients connected.
pub(crate) const TURN_LIMIT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Pool {
    target: (Config, Tls),
    migrations: Migrations,
    migrated: OnceCell<()>,
    permits: Semaphore,
    idle: Mutex<Vec<Session>>,
}

impl Pool {
    pub(crate) fn new(target: (Config, Tls), migrations: Migrations) -> Self {
        let permits = Semaphore::new(CONNECTIONS);
        Self { target, migrations, migrated: OnceCell::new(), permits, idle: Mutex::default() }
    }

    /// Opens a connection to the primary of a migrated database, outside the pool.
    pub(crate) async fn connect(&self) -> Result<Session, Error> {
        let session = Session::connect(&self.target).await?;
        // The database may have been dropped and created again since the first connection.
        if self.migrated.initialized() && version(&session).await.is_err() {
            migrate(&session, self.migrations).await?;
        }
        self.migrated.get_or_try_init(|| migrate(&session, self.migrations)).await?;
        Ok(session)
    }

    /// Waits for a turn and returns a connection.
    ///
    /// # Errors
    /// Returns `Busy` if no turn comes in time, or `Unreachable` if there is no primary.
    pub(crate) async fn lease(&self, deadline: Instant) -> Result<Lease<'_>, StoreError> {
        let permit = timeout(TURN_LIMIT, self.permits.acquire()).await.map_err(|_| StoreError::Busy)?;
        let permit = permit.expect("the semaphore is never closed");
        let session = match self.pop() {
            Some(session) => session,
            None => match timeout_at(deadline, self.connect()).await {
                Ok(connected) => connected.map_err(Error::into_unreachable)?,
                Err(_) => return Err(StoreError::Unreachable("connecting took too long".to_owned())),
            },
        };
        Ok(Lease { session, pool: self, _permit: permit })
    }

    fn pop(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(Session::is_usable)
    }
}

/// A connection in use. Dropping it closes the connection, so that a call that is abandoned midway leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Lease<'p> {
    session: Session,
    pool: &'p Pool,
    _permit: SemaphorePermit<'p>,
}

impl Lease<'_> {
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Keeps the connection for the next call. No transaction may be open on it.
    pub(crate) fn give_back(self) {
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.session);
    }

    /// Closes this connection, and the idle ones: most likely they broke with it.
    pub(crate) fn break_all(self) {
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Closes this connection and opens another one in its place.
    pub(crate) async fn replace(&mut self) -> Result<(), Error> {
        self.session = self.pool.connect().await?;
        Ok(())
    }
}
