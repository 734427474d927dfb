//! The purge: when a person is deleted, their health record must go too, and neither service may touch the other's
//! data. So health regularly reads person's feed of deletions and erases those records.
//!
//! A write that was in flight during the deletion must not bring the record back: each engine of the store has its own way.
//! A lookup that answers 404 erases nothing: a person database that was restored from an old backup must not destroy
//! health data.

#[cfg(feature = "cluster")]
mod cluster;
mod embedded;

use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::Duration;

use daemon::Fatal;
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use storage::Registry;
use token::Keys;

use crate::feed::Feed;
use crate::store::{Engine, Store};

/// The pages that one pass reads: 50,000 deletions, far more than persons are deleted in an interval. A longer feed, or
/// one without an end, takes several passes.
const PAGES: usize = 50;

const REPLACED: &str = "person has another database: restore the old one, or run `health adopt`";

/// The running purge. Dropping it ends the purge after the current page.
#[derive(Debug)]
pub struct Purge(#[expect(dead_code, reason = "it is dropped")] Running);

#[derive(Debug)]
enum Running {
    Thread {
        stop: Option<SyncSender<()>>,
        thread: Option<JoinHandle<()>>,
    },
    #[cfg(feature = "cluster")]
    Task(tokio::task::AbortHandle),
}

impl Purge {
    /// Starts a thread or a task that makes one pass over the feed in each interval.
    ///
    /// # Errors
    /// Returns an error message for the operator if the thread cannot be started.
    pub fn start(
        url: &str,
        interval: Duration,
        keys: Keys,
        store: &Store,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        let (feed, metrics) = (Feed::new(url, keys), PurgeMetrics::register(registry));
        match store.engine() {
            Engine::Embedded(store) => embedded::start(feed, interval, store, fatal, metrics),
            #[cfg(feature = "cluster")]
            Engine::Cluster(store) => Ok(cluster::start(feed, interval, store, metrics)),
        }
        .map(Self)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        match self {
            Self::Thread { stop, thread } => {
                drop(stop.take());
                // A panic of the thread has been raised as fatal already.
                thread.take().map(JoinHandle::join);
            }
            // A transaction that is left midway changes nothing, or all.
            #[cfg(feature = "cluster")]
            Self::Task(task) => task.abort(),
        }
    }
}

#[derive(Default)]
struct PurgeMetrics {
    erased: Counter,
    failures: Counter,
    pending: Gauge,
    /// Whether the last pass failed.
    failing: bool,
}

impl PurgeMetrics {
    fn register(registry: &mut Registry) -> Self {
        let Self { erased, failures, pending, failing } = Self::default();
        registry.register("purge_erased", "Records erased because their person was deleted", erased.clone());
        let help = "Failed passes over person's feed of deletions";
        registry.register("purge_failures", help, failures.clone());
        registry.register("purge_pending", "Deletions read that the cursor has not passed", pending.clone());
        Self { erased, failures, pending, failing }
    }

    /// Counts and logs erased records.
    fn erased(&self, erased: usize) {
        if erased > 0 {
            self.erased.inc_by(erased as u64);
            tracing::info!(service = crate::NAME, erased, "erased the records of deleted persons");
        }
    }

    /// Counts a failed pass. Logs once when passes begin to fail, and once when they work again.
    fn passed(&mut self, pass: &Result<(), String>) {
        match (pass, self.failing) {
            (Err(cause), false) => {
                tracing::warn!(service = crate::NAME, cause, "cannot erase the records of deleted persons");
            }
            (Ok(()), true) => {
                tracing::info!(service = crate::NAME, "erasing the records of deleted persons again");
            }
            _ => {}
        }
        self.failing = pass.is_err();
        self.failures.inc_by(u64::from(self.failing));
    }
}

/// Returns the cause of a pass that fails because person's feed ends before the cursor.
fn ended_before(after: i64) -> String {
    format!(
        "person's feed ends before deletion {after}, which health has read: its database is an older copy, put back \
         without `person restore`; health reads the feed again from its beginning"
    )
}
