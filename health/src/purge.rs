//! The purge: when a person is deleted, their health record must go too, and neither service may touch the other's
//! data. So health regularly reads person's feed of deletions and erases those records.
//!
//! The cursor moves past a deletion only 30 seconds after health first saw it: a write that was in flight during the
//! deletion is then caught by a later pass. A lookup that answers 404 erases nothing: a person database that was
//! restored from an old backup must not destroy health data.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use daemon::Fatal;
use prometheus_client::metrics::counter::Counter;
use serde::Deserialize;
use storage::{Id, Registry};
use token::Keys;
use token::{Holder, Role, mint};
use ureq::Agent;

use crate::store::Store;

/// How long the cursor stays behind a deletion. Longer than any request: a second for a permit, one for the lookup,
/// five for a handler.
const DELAY: Duration = Duration::from_secs(30);
/// The longest page of the feed.
const PAGE: usize = 1000;
/// The time limit for one page. A shutdown waits for the current page.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// Shorter than the 10 seconds after which person closes an idle connection.
const IDLE_LIMIT: Duration = Duration::from_secs(8);
/// A deletion takes some 40 bytes in a page.
const BODY_LIMIT: u64 = 1024 * 1024;
/// The lifetime of the token that health signs for itself.
const TOKEN_SECONDS: u64 = 60;

/// The purge thread. Dropping it ends the thread after the current page.
#[derive(Debug)]
pub struct Purge {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct PurgeWorker {
    url: String,
    keys: Keys,
    store: Arc<Store>,
    agent: Agent,
    /// The deletions after the cursor, and when health first saw each.
    seen: BTreeMap<i64, Instant>,
    erased: Counter,
    failures: Counter,
}

#[derive(Deserialize)]
struct Deletion {
    seq: i64,
    id: i64,
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
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
        let config = config.user_agent("health").max_idle_age(IDLE_LIMIT);
        let agent = Agent::new_with_config(config.timeout_global(Some(TIME_LIMIT)).build());
        let (erased, failures) = (Counter::default(), Counter::default());
        registry.register("purge_erased", "Records erased because their person was deleted", erased.clone());
        registry.register(
            "purge_failures",
            "Failed passes over person's feed of deletions",
            failures.clone(),
        );
        let worker =
            PurgeWorker { url: url.to_owned(), keys, store, agent, seen: BTreeMap::new(), erased, failures };
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
            self.failures.inc_by(u64::from(failing));
            if stopped.recv_timeout(interval) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// Erases the records of all persons deleted after the cursor.
    fn pass(&mut self, stopped: &Receiver<()>) -> Result<(), String> {
        let holder = Holder { subject: crate::NAME, role: Role::Service, uid: None };
        let token = mint(&self.keys, crate::NAME, &["person"], holder, TOKEN_SECONDS);
        let mut after = self.store.cursor();
        loop {
            let page = self.page(after, &token)?;
            // Checked first: a page with a wrong entry must change nothing, the cursor included.
            let ids = checked(&page, after)?;
            for deletion in &page {
                after = deletion.seq;
                self.seen.entry(deletion.seq).or_insert_with(Instant::now);
            }
            let cursor = self.next_cursor(after);
            let erased = self.store.erase(ids, cursor).map_err(|error| error.to_string())?;
            if erased > 0 {
                self.erased.inc_by(erased as u64);
                tracing::info!(service = crate::NAME, erased, "erased the records of deleted persons");
            }
            if page.len() < PAGE || stopped.try_recv() != Err(TryRecvError::Empty) {
                return Ok(());
            }
        }
    }

    /// Returns the last deletion such that health first saw it and all earlier ones at least [`DELAY`] ago. Never
    /// returns more than `after`: the deletions of the following pages are not yet erased in this pass.
    fn next_cursor(&mut self, after: i64) -> i64 {
        let mut cursor = self.store.cursor();
        while let Some(first) = self.seen.first_entry()
            && *first.key() <= after
            && first.get().elapsed() >= DELAY
        {
            cursor = cursor.max(first.remove_entry().0);
        }
        cursor
    }

    fn page(&self, after: i64, token: &str) -> Result<Vec<Deletion>, String> {
        let call = self.agent.get(format!("{}/persons/deleted?after={after}&limit={PAGE}", self.url));
        let response = call.header("authorization", format!("Bearer {token}")).call();
        let mut response = response.map_err(|error| error.to_string())?;
        if response.status() != 200 {
            return Err(format!("person answered {}", response.status()));
        }
        let page = response.body_mut().with_config().limit(BODY_LIMIT).read_to_vec();
        serde_json::from_slice(&page.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
    }
}

/// Returns the ids of a page, whose sequence numbers must rise from `after`.
fn checked(page: &[Deletion], mut after: i64) -> Result<Vec<Id>, String> {
    let ids = page.iter().map(|deletion| {
        if deletion.seq <= after {
            return Err(format!("deletion {} came after {after}", deletion.seq));
        }
        after = deletion.seq;
        Id::new(deletion.id).ok_or_else(|| format!("{} is not a valid id", deletion.id))
    });
    ids.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_stays_behind_recent_deletions_and_later_pages() {
        let folder = tempfile::tempdir().unwrap();
        let (fatal, _failed) = daemon::fatal();
        let store = Store::open(&folder.path().join("log"), fatal, &mut Registry::default()).unwrap();
        let now = Instant::now();
        let long_ago = now.checked_sub(DELAY).unwrap();
        let mut worker = PurgeWorker {
            url: String::new(),
            keys: testkit::tokens::keys(),
            store: Arc::new(store),
            agent: Agent::new_with_defaults(),
            seen: BTreeMap::from([(1, long_ago), (2, long_ago), (3, now), (4, long_ago)]),
            erased: Counter::default(),
            failures: Counter::default(),
        };
        assert_eq!(worker.next_cursor(0), 0, "the first page is not erased yet");
        assert_eq!(worker.next_cursor(1), 1);
        assert_eq!(worker.next_cursor(4), 2, "a write to the third person may be in flight");
        assert_eq!(worker.seen, BTreeMap::from([(3, now), (4, long_ago)]));
    }
}
