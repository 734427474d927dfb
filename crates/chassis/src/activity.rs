//! Whether a connection waits for a request, and since when: the one that has waited longest makes room for a new one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A request has begun and its answer has not been sent.
const BUSY: u64 = 0;
/// The connection is being closed.
const CLOSING: u64 = 1;
/// From here on: microseconds since the service started, at which the connection became idle.
const IDLE: u64 = 2;

/// The state of one connection, shared by its task and the accept loop.
pub(crate) struct Activity {
    state: AtomicU64,
    service_started: Instant,
}

/// The connection is being closed; it begins no request.
pub(crate) struct Closing;

impl Activity {
    /// A new connection is busy until it is known that its client has not sent anything yet.
    pub(crate) fn new(service_started: Instant) -> Self {
        Self { state: AtomicU64::new(BUSY), service_started }
    }

    /// The connection waits for a request, from now on or already.
    pub(crate) fn rest(&self) {
        if self.state.load(Ordering::Relaxed) == BUSY {
            let now = u64::try_from(self.service_started.elapsed().as_micros()).unwrap_or(u64::MAX - IDLE);
            // Only an idle connection is chosen to be closed, so no other thread changes a busy one.
            self.state.store(IDLE + now, Ordering::Release);
        }
    }

    /// Bytes of a request have arrived.
    pub(crate) fn begin(&self) -> Result<(), Closing> {
        let begin = |state| (state != CLOSING).then_some(BUSY);
        self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, begin).map(drop).map_err(|_| Closing)
    }

    /// Returns a number that is the smaller the longer the connection has been idle, unless it is busy.
    pub(crate) fn idle_since(&self) -> Option<u64> {
        Some(self.state.load(Ordering::Acquire)).filter(|state| *state >= IDLE)
    }

    /// Chooses the connection to be closed, unless it has become busy since it was idle at `since`.
    pub(crate) fn close(&self, since: u64) -> bool {
        self.state.compare_exchange(since, CLOSING, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}
