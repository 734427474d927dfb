//! The purge of a journal, which one process owns.
//!
//! The cursor moves past a deletion only 30 seconds after health read it: a write that was in flight during the
//! deletion is then caught by a later pass.

mod pending;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use daemon::Fatal;

use super::{PAGES, PurgeMetrics, REPLACED, Running, ended_before};
use crate::feed::Feed;
use crate::store::embedded::Embedded;

use pending::Pending;

struct PurgeWorker {
    feed: Feed,
    store: Arc<Embedded>,
    pending: Pending,
    metrics: PurgeMetrics,
}

pub(super) fn start(
    feed: Feed,
    interval: Duration,
    store: Arc<Embedded>,
    fatal: Fatal,
    metrics: PurgeMetrics,
) -> anyhow::Result<Running> {
    let worker = PurgeWorker { feed, store, pending: Pending::default(), metrics };
    let (stop, stopped) = sync_channel(1);
    let thread = thread::Builder::new().name("purge".to_owned()).spawn(move || {
        let _guard = fatal.on_panic("purge");
        worker.run(&stopped, interval);
    });
    Ok(Running::Thread { stop: Some(stop), thread: Some(thread.context("cannot start the purge thread")?) })
}

impl PurgeWorker {
    fn run(mut self, stopped: &Receiver<()>, interval: Duration) {
        loop {
            let pass = self.pass(stopped);
            self.metrics.passed(&pass);
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
                return Err(ended_before(after));
            };
            let recognized =
                self.store.recognize_blocking(&page.identity).map_err(|error| error.to_string())?;
            recognized.map_err(|_| REPLACED)?;
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
        self.metrics.erased(erased);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use storage::{Id, Registry};
    use testkit::FakePerson;

    use super::*;

    #[test]
    fn a_pass_writes_one_cursor_and_only_if_it_moves() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log");
        let (fatal, _failed) = daemon::fatal();
        let store =
            Arc::new(Embedded::open(&file, storage::ERASE_AFTER, fatal, &mut Registry::default()).unwrap());
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
