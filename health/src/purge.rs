//! Following person's deletions: when a person is deleted their record must go too, and no service may reach
//! into the other's data. So health asks person's feed of deletions now and then.
//!
//! What has been followed is remembered as done only 30 seconds later: a write that was in flight while the
//! person was deleted is then caught by a later pass. A lookup that says 404 erases nothing: a person
//! database that was restored from an old backup must not destroy health data.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chassis::Id;
use chassis::metrics::Metrics;
use daemon::Fatal;
use prometheus_client::metrics::counter::Counter;
use serde::Deserialize;
use token::Keys;
use token::{Role, mint};
use ureq::Agent;

use crate::store::Store;

/// Longer than any request can be in flight: a second for a turn, one for the lookup, five for a handler.
const TRAIL: Duration = Duration::from_secs(30);
/// The longest page that person gives.
const PAGE: usize = 1000;
/// For one page; a stop waits for the page that is being asked for.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// Shorter than the 10 seconds after which person closes an idle connection.
const IDLE_LIMIT: Duration = Duration::from_secs(8);
/// A page has some 40 bytes a deletion.
const BODY_LIMIT: u64 = 1024 * 1024;
/// For the token that health signs for itself.
const TOKEN_SECONDS: u64 = 60;

/// The thread that follows. Dropping it ends the thread after the page it is at.
#[derive(Debug)]
pub struct Purge {
    end: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Follower {
    url: String,
    keys: Keys,
    store: Arc<Store>,
    agent: Agent,
    /// The deletions past the remembered place, and when each was first seen.
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
    /// Starts to follow, every so many seconds.
    ///
    /// # Errors
    /// A sentence, where the system gives no thread.
    pub fn start(
        url: &str,
        every: Duration,
        keys: Keys,
        store: Arc<Store>,
        fatal: Fatal,
        metrics: &mut Metrics,
    ) -> Result<Self, String> {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
        let config = config.user_agent("health").max_idle_age(IDLE_LIMIT);
        let agent = Agent::new_with_config(config.timeout_global(Some(TIME_LIMIT)).build());
        let (erased, failures) = (Counter::default(), Counter::default());
        metrics.register("purge_erased", "Records erased because their person was deleted", erased.clone());
        metrics.register("purge_failures", "Passes over person's deletions that failed", failures.clone());
        let follower =
            Follower { url: url.to_owned(), keys, store, agent, seen: BTreeMap::new(), erased, failures };
        let (end, ended) = sync_channel(1);
        let thread = thread::Builder::new().name("purge".to_owned()).spawn(move || {
            let _guard = fatal.unless_returned("purge");
            follower.run(&ended, every);
        });
        let thread = thread.map_err(|error| format!("cannot start the purge thread: {error}"))?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Purge {
    fn drop(&mut self) {
        drop(self.end.take());
        // A panic of the thread was raised as fatal already.
        self.thread.take().map(JoinHandle::join);
    }
}

impl Follower {
    fn run(mut self, ended: &Receiver<()>, every: Duration) {
        let mut failing = false;
        loop {
            let pass = self.pass(ended);
            match (&pass, failing) {
                // Once when it begins to fail, once when it works again.
                (Err(cause), false) => {
                    tracing::warn!(service = "health", cause, "person's deletions cannot be followed")
                }
                (Ok(()), true) => {
                    tracing::info!(service = "health", "person's deletions can be followed again")
                }
                _ => {}
            }
            failing = pass.is_err();
            self.failures.inc_by(u64::from(failing));
            if ended.recv_timeout(every) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// Erases what is held of the persons deleted since the remembered place.
    fn pass(&mut self, ended: &Receiver<()>) -> Result<(), String> {
        let token = mint(&self.keys, "health", &["person"], "health", Role::Service, TOKEN_SECONDS);
        let mut after = self.store.followed();
        loop {
            let page = self.page(after, &token)?;
            // Nothing of a page that lies somewhere may move the place.
            let ids = checked(&page, after)?;
            for deletion in &page {
                after = deletion.seq;
                self.seen.entry(deletion.seq).or_insert_with(Instant::now);
            }
            let settled = self.settled(after);
            let erased = self.store.erase(ids, settled).map_err(|refusal| format!("{refusal:?}"))?;
            if erased > 0 {
                self.erased.inc_by(erased as u64);
                tracing::info!(service = "health", erased, "erased the records of deleted persons");
            }
            if page.len() < PAGE || ended.try_recv() != Err(TryRecvError::Empty) {
                return Ok(());
            }
        }
    }

    /// The place up to which every deletion was first seen long enough ago: at most `after`, for what comes
    /// behind it has yet to be erased in this pass.
    fn settled(&mut self, after: i64) -> i64 {
        let mut place = self.store.followed();
        while let Some(first) = self.seen.first_entry()
            && *first.key() <= after
            && first.get().elapsed() >= TRAIL
        {
            place = place.max(first.remove_entry().0);
        }
        place
    }

    fn page(&self, after: i64, token: &str) -> Result<Vec<Deletion>, String> {
        let call = self.agent.get(format!("{}/persons/deleted?after={after}&limit={PAGE}", self.url));
        let answer = call.header("authorization", format!("Bearer {token}")).call();
        let mut answer = answer.map_err(|error| error.to_string())?;
        if answer.status() != 200 {
            return Err(format!("person answered {}", answer.status()));
        }
        let page = answer.body_mut().with_config().limit(BODY_LIMIT).read_to_vec();
        serde_json::from_slice(&page.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
    }
}

/// The ids of a page that comes after a place.
fn checked(page: &[Deletion], mut after: i64) -> Result<Vec<Id>, String> {
    let ids = page.iter().map(|deletion| {
        if deletion.seq <= after {
            return Err(format!("deletion {} came after {after}", deletion.seq));
        }
        after = deletion.seq;
        Id::new(deletion.id).ok_or_else(|| format!("{} is no id", deletion.id))
    });
    ids.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_follows_what_was_first_seen_long_ago_and_not_beyond_the_page() {
        let folder = tempfile::tempdir().unwrap();
        let (fatal, _failed) = daemon::fatal();
        let store = Store::open(&folder.path().join("log"), fatal, &mut Metrics::default()).unwrap();
        let now = Instant::now();
        let long_ago = now.checked_sub(TRAIL).unwrap();
        let mut follower = Follower {
            url: String::new(),
            keys: testkit::tokens::keys(),
            store: Arc::new(store),
            agent: Agent::new_with_defaults(),
            seen: BTreeMap::from([(1, long_ago), (2, long_ago), (3, now), (4, long_ago)]),
            erased: Counter::default(),
            failures: Counter::default(),
        };
        assert_eq!(follower.settled(0), 0, "the first page has yet to be erased");
        assert_eq!(follower.settled(1), 1);
        assert_eq!(follower.settled(4), 2, "the third may be of a person who is being written to");
        assert_eq!(follower.seen, BTreeMap::from([(3, now), (4, long_ago)]));
    }
}
