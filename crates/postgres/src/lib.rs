//! The engine of the stores on a PostgreSQL cluster: a small pool of connections to its primary, a time limit round
//! each step, migrations that several replicas can start at once, and writes whose outcome is settled. It knows no
//! table but its own two: each service brings its schema and its statements.
//!
//! Acknowledged means committed, with `synchronous_commit=on`: whether that survives the loss of a node depends on the
//! cluster's standbys.
//!
//! Start reading at [`Database::write`].

mod batch;
mod copy;
mod error;
mod location;
mod migrate;
mod pool;
mod session;
mod tls;
mod url;
mod watch;
mod write;

use std::sync::Arc;

use storage::{CommitMetrics, Registry, StoreError};
use tokio::time::Instant;

use pool::Pool;
use session::Values;
use watch::Watch;
use write::OPERATION_LIMIT;

pub use batch::{Batches, Work};
pub use copy::run_command;
pub use error::Failure;
pub use location::{Location, NAME, PASSWORD_FILE};
pub use migrate::Migrations;
pub use session::Session;
pub use tokio_postgres::Row;
pub use url::Url;
pub use write::{Decision, Job};

/// A database of a cluster, which several processes may serve at once.
#[derive(Debug)]
pub struct Database {
    pool: Arc<Pool>,
    watch: Watch,
    metrics: CommitMetrics,
}

impl Database {
    /// Prepares connections to the database, and returns at once: while the cluster has no primary, calls fail with
    /// [`StoreError::Unreachable`]. The first connection migrates the schema. Needs a tokio runtime.
    pub fn open(url: Url, migrations: Migrations, service: &'static str, registry: &mut Registry) -> Self {
        let pool = Arc::new(Pool::new(url.into_config(service), migrations));
        let watch = Watch::start(Arc::clone(&pool), service);
        Self { pool, watch, metrics: CommitMetrics::register(registry) }
    }

    /// Runs one statement that changes nothing, and returns its rows. If a connection breaks, another one repeats it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn read(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let deadline = Instant::now() + OPERATION_LIMIT;
        loop {
            let lease = self.pool.lease(deadline).await?;
            match lease.session().rows(sql, values).await {
                Ok(rows) => {
                    lease.give_back();
                    return Ok(rows);
                }
                Err(Failure(error)) => match error.after(lease) {
                    Some(final_error) => return Err(final_error),
                    None if Instant::now() < deadline => {}
                    None => return Err(error.into_unreachable()),
                },
            }
        }
    }

    /// Checks that the primary answered lately.
    ///
    /// # Errors
    /// Returns the reason for a readiness probe.
    pub fn check(&self) -> Result<(), String> {
        self.watch.state()
    }
}
