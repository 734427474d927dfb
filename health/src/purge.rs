//! The purge: when a person is deleted, their health record must go too, and neither service may touch the other's
//! data. So health regularly reads person's feed of deletions and erases those records.
//!
//! The cursor moves past a deletion only 30 seconds after health read it: a write that was in flight during the
//! deletion is then caught by a later pass. A lookup that answers 404 erases nothing: a person database that was
//! restored from an old backup must not destroy health data.

mod pending;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use daemon::Fatal;
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use storage::Registry;
use token::Keys;

use crate::feed::Feed;
use crate::store::Store;

use pending::Pending;

/// The pages that one pass reads: 50,000 deletions, far more than persons are deleted in an interval. A longer feed, or
/// one without an end, takes several passes.
const PAGES: usize = 50;

/// The purge thread. Dropping it ends the thread after the current page.
#[derive(Debug)]
pub struct Purge {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct PurgeWorker {
    feed: Feed,
    store: Arc<Store>,
    pending: Pending,
    metrics: PurgeMetrics,
}

#[derive(Default)]
struct PurgeMetrics {
    erased: Counter,
    failures: Counter,
    pending: Gauge,
}

impl PurgeMetrics {
    fn register(registry: &mut Registry) -> Self {
        let Self { erased, failures, pending } = Self::default();
        registry.register("purge_erased", "Records erased because their person was deleted", erased.clone());
        let help = "Failed passes over person's feed of deletions";
        registry.register("purge_failures", help, failures.clone());
        registry.register("purge_pending", "Deletions read that the cursor has not passed", pending.clone());
        Self { erased, failures, pending }
    }
}

impl Purge {
    /// Starts a thread that makes one pass over the feed in each interval.
    ///
    /// # Errors
    /// Returns an error message for the operator if the thread cannot be started.
    pub fn start(
        url: &str,
        interval: Duration,
        keys: Keys,
        store: Arc<Store>,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        let worker = PurgeWorker {
            feed: Feed::new(url, keys),
            store,
            pending: Pending::default(),
            metrics: PurgeMetrics::register(registry),
        };
        let (stop, stopped) = sync_channel(1);
        let thread = thread::Builder::new().name("purge".to_owned()).spawn(move || {
            let _guard = fatal.on_panic("purge");
            worker.run(&stopped, interval);
        });
        Ok(Self { stop: Some(stop), thread: Some(thread.context("cannot start the purge thread")?) })
    }
}

impl Drop for Purge {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic of the thread has been raised as fatal already.
        self.thread.take().map(JoinHandle::join);
    }
}

impl PurgeWorker {
    fn run(mut self, stopped: &Receiver<()>, interval: Duration) {
        let mut failing = false;
        loop {
            let pass = self.pass(stopped);
            match (&pass, failing) {
                // Logged once when it begins to fail, and once when it works again.
                (Err(cause), false) => {
                    tracing::warn!(
                        service = crate::NAME,
                        cause,
                        "cannot erase the records of deleted persons"
                    )
                }
                (Ok(()), true) => {
                    tracing::info!(service = crate::NAME, "erasing the records of deleted persons again")
                }
                _ => {}
            }
            failing = pass.is_err();
            self.metrics.failures.inc_by(u64::from(failing));
            if stopped.recv_timeout(interval) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// Reads the next pages of the feed and erases the records of deleted persons.
    fn pass(&mut self, stopped: &Receiver<()>) -> Result<(), String> {
        let read = self.read(stopped);
        // After an error too: the earlier pages were complete.
        let erased = self.erase();
        self.metrics.pending.set(i64::try_from(self.pending.len()).unwrap_or(i64::MAX));
        read.and(erased)
    }

    /// Reads the pages after the last one that was read.
    fn read(&mut self, stopped: &Receiver<()>) -> Result<(), String> {
        let token = self.feed.token();
        for _ in 0..PAGES {
            if self.pending.is_full() || stopped.try_recv() != Err(TryRecvError::Empty) {
                break;
            }
            let after = self.pending.last().unwrap_or_else(|| self.store.cursor());
            let Some(page) = self.feed.page(after, &token)? else {
                // The next deletions there get numbers that health has passed, so it begins again.
                self.store.erase(Vec::new(), 0).map_err(|error| error.to_string())?;
                self.pending = Pending::default();
                return Err(format!(
                    "person's feed ends before deletion {after}, which health has read: its database is an older \
                     copy, put back without `person restore`; health reads the feed again from its beginning"
                ));
            };
            let recognized =
                self.store.recognize_blocking(&page.identity).map_err(|error| error.to_string())?;
            recognized
                .map_err(|_| "person has another database: restore the old one, or run `health adopt`")?;
            if page.last > after {
                self.pending.push(page.ids, page.last, Instant::now());
            }
            if !page.more {
                break;
            }
        }
        Ok(())
    }

    /// Erases the records of the deletions in memory, and moves the cursor past those that are due.
    fn erase(&mut self) -> Result<(), String> {
        let due = self.pending.due(Instant::now());
        // Most deletions have no record. Memory tells, without a write that waits for the disk.
        let ids = self.pending.ids(due, |id| self.store.read(id).is_some());
        if ids.is_empty() {
            return Ok(());
        }
        let cursor = self.pending.last_of(due).unwrap_or_else(|| self.store.cursor());
        let erased = self.store.erase(ids, cursor).map_err(|error| error.to_string())?;
        self.pending.forget(due);
        if erased > 0 {
            self.metrics.erased.inc_by(erased as u64);
            tracing::info!(service = crate::NAME, erased, "erased the records of deleted persons");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use storage::Id;
    use testkit::FakePerson;

    use super::*;

    #[test]
    fn a_pass_writes_one_cursor_and_only_if_it_moves() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log");
        let (fatal, _failed) = daemon::fatal();
        let store =
            Arc::new(Store::open(&file, storage::ERASE_AFTER, fatal, &mut Registry::default()).unwrap());
        let person = FakePerson::start();
        let metrics = PurgeMetrics::default();
        let feed = Feed::new(&person.url(), testkit::tokens::keys());
        let mut worker = PurgeWorker { feed, store, pending: Pending::default(), metrics };
        let (_stop, stopped) = sync_channel(1);
        let lines = || fs::read_to_string(&file).unwrap().lines().count();
        let empty = lines();
        for seq in 1..=2500 {
            person.deletes(seq, seq);
        }
        worker.pass(&stopped).unwrap();
        assert_eq!((worker.store.cursor(), lines()), (0, empty), "a write may be in flight");
        // Pages that were read a minute ago are due.
        let before = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        worker.pending = Pending::default();
        for last in 1..=20 {
            worker.pending.push([Id::new(last).unwrap()].into(), last, before);
        }
        worker.pending.push([Id::new(21).unwrap()].into(), 21, Instant::now());
        person.says_of_deletions(testkit::Response::body("[]"));
        worker.pass(&stopped).unwrap();
        assert_eq!((worker.store.cursor(), lines(), worker.pending.len()), (20, empty + 1, 1));
        worker.pass(&stopped).unwrap();
        assert_eq!((worker.store.cursor(), lines()), (20, empty + 1));
    }
}
