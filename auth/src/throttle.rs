//! Slows down the guessing of passwords. Failures in a row are counted for each username and peer, so that nobody keeps a
//! user out from elsewhere, and for each username alone, so that many peers together get few guesses. A peer is an address
//! as the service sees it: the users behind one proxy share a counter.

mod counters;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use counters::{Counters, Peer, Turn};

/// Counts failed logins.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Counters>);

/// Why an attempt is refused. It then does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The wait after the previous failure is not over; this much remains.
    TooEarly(Duration),
    /// Too many attempts already wait for those under way.
    TooMany,
}

impl Throttle {
    /// Begins an attempt, so that it counts before its outcome is known. If the attempts under way would use up the
    /// allowance by failing, it waits for them first: parallel guesses get no more than the allowance, and parallel right
    /// passwords all get in.
    ///
    /// # Errors
    /// Returns why the attempt is refused.
    pub async fn begin(&self, username: &str, peer: IpAddr) -> Result<Attempt<'_>, Refusal> {
        let peer = Peer::of(peer);
        loop {
            let ended;
            let another_ends = {
                let mut counters = self.counters();
                match counters.begin(username, peer, Instant::now())? {
                    Turn::Now => break,
                    Turn::AfterAnother(waiting) => {
                        ended = waiting;
                        // From here on it learns of every end.
                        ended.notified()
                    }
                }
            };
            another_ends.await;
        }
        Ok(Attempt { throttle: self, username: username.to_owned(), peer, right: None })
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt under way. If its outcome is never known, because of a timeout or a full queue of hashes,
/// dropping it takes it back.
#[derive(Debug)]
pub struct Attempt<'t> {
    throttle: &'t Throttle,
    username: String,
    peer: Peer,
    right: Option<bool>,
}

impl Attempt<'_> {
    /// Ends the attempt: counts a failure, or forgets the failures before a success.
    pub fn end(mut self, right: bool) {
        self.right = Some(right);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.throttle.counters().end(&self.username, self.peer, self.right, Instant::now());
    }
}
