//! Slows down the guessing of passwords. Failures in a row are counted for each username and peer, so that nobody keeps a
//! user out from elsewhere, and for each username alone, so that many peers together get few guesses. A peer is an address
//! as the service sees it: the users behind one proxy share a counter.

mod counters;
#[cfg(feature = "cluster")]
mod shared;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use storage::StoreError;

use counters::{Counters, Peer, Turn};

/// Counts failed logins.
#[derive(Debug)]
pub struct Throttle(Place);

/// Where the counters are.
#[derive(Debug)]
enum Place {
    Memory(Mutex<Counters>),
    #[cfg(feature = "cluster")]
    Shared(shared::Shared),
}

impl Default for Throttle {
    fn default() -> Self {
        Self(Place::Memory(Mutex::default()))
    }
}

/// Why an attempt is refused. It then does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The wait after the previous failure is not over; this much remains.
    TooEarly(Duration),
    /// Too many attempts already wait for those under way.
    TooMany,
    /// The counters cannot be reached.
    Failed(StoreError),
}

impl Throttle {
    /// Returns a throttle whose counters all replicas share.
    #[cfg(feature = "cluster")]
    pub(crate) fn shared(database: std::sync::Arc<postgres::Database>) -> Self {
        Self(Place::Shared(shared::Shared::new(database)))
    }

    /// Begins an attempt, so that it counts before its outcome is known. If the attempts under way would use up the
    /// allowance by failing, it waits for them first: parallel guesses get no more than the allowance, and parallel right
    /// passwords all get in.
    ///
    /// # Errors
    /// Returns why the attempt is refused.
    pub async fn begin(&self, username: &str, peer: IpAddr) -> Result<Attempt<'_>, Refusal> {
        let peer = Peer::of(peer);
        let id = match &self.0 {
            Place::Memory(counters) => {
                begin_in_memory(counters, username, peer).await?;
                String::new()
            }
            #[cfg(feature = "cluster")]
            Place::Shared(shared) => shared.begin(username, peer).await?,
        };
        Ok(Attempt { throttle: self, id, username: username.to_owned(), peer, right: None, ended: false })
    }
}

fn locked(counters: &Mutex<Counters>) -> MutexGuard<'_, Counters> {
    counters.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn begin_in_memory(counters: &Mutex<Counters>, username: &str, peer: Peer) -> Result<(), Refusal> {
    loop {
        let ended;
        let another_ends = {
            let mut counters = locked(counters);
            match counters.begin(username, peer, Instant::now())? {
                Turn::Now => return Ok(()),
                Turn::AfterAnother(waiting) => {
                    ended = waiting;
                    // From here on it learns of every end.
                    ended.notified()
                }
            }
        };
        another_ends.await;
    }
}

/// An attempt under way. If its outcome is never known, because of a timeout or a full queue of hashes,
/// dropping it takes it back.
#[derive(Debug)]
pub struct Attempt<'t> {
    throttle: &'t Throttle,
    /// Its id in a database, if the counters are there.
    #[cfg_attr(not(feature = "cluster"), expect(dead_code, reason = "it has none in memory"))]
    id: String,
    username: String,
    peer: Peer,
    right: Option<bool>,
    ended: bool,
}

impl Attempt<'_> {
    /// Ends the attempt: counts a failure, or forgets the failures before a success.
    ///
    /// # Errors
    /// See [`StoreError`]. The caller must not learn the outcome then: it may not have been counted.
    #[cfg_attr(
        not(feature = "cluster"),
        expect(clippy::unused_async, reason = "only a database is waited for")
    )]
    pub async fn end(mut self, right: bool) -> Result<(), StoreError> {
        self.right = Some(right);
        #[cfg(feature = "cluster")]
        if let Place::Shared(shared) = &self.throttle.0 {
            // If this is abandoned midway, `drop` repeats it, which does no harm.
            shared.end(self.id.clone(), self.username.clone(), self.peer, self.right).await?;
            self.ended = true;
        }
        Ok(())
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        match &self.throttle.0 {
            Place::Memory(counters) => {
                locked(counters).end(&self.username, self.peer, self.right, Instant::now());
            }
            #[cfg(feature = "cluster")]
            Place::Shared(shared) => {
                let end = shared.end(self.id.clone(), self.username.clone(), self.peer, self.right);
                // If it fails, the attempt ends by its age.
                tokio::spawn(async move { drop(end.await) });
            }
        }
    }
}
