//! The clock of tokens: the wall clock, except that it never goes back.
//!
//! If a wall clock that is set back were believed, expired tokens would be valid again. So the time is at least the wall
//! clock's at the start plus the time elapsed on the monotonic clock. Tokens are issued by this clock too: otherwise,
//! while the wall clock is behind, each login would issue an expired token.
//!
//! Keeping the latest wall-clock time seen would be simpler, but one wrong jump ahead would then reject every token until
//! a restart. Here a jump ahead ends when the wall clock is corrected.
//!
//! Limits: the wall clock at the start is trusted. A service started on a clock that is ahead by more than the allowed
//! skew must be restarted after the correction. Only the wall clock counts the time that a machine sleeps.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The start, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    monotonic: Instant,
    wall: Duration,
}

impl Clock {
    /// Starts at the time of the wall clock.
    pub(crate) fn start() -> Self {
        Self { monotonic: Instant::now(), wall: wall() }
    }

    /// Returns the time since 1970.
    pub(crate) fn now(self) -> Duration {
        wall().max(self.wall + self.monotonic.elapsed())
    }
}

fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn setting_the_clock_back_changes_nothing() {
        let now = wall();
        // The clock started a second ago, when the wall clock was an hour ahead of its present time.
        let clock = Clock { monotonic: Instant::now() - Duration::from_secs(1), wall: now + HOUR };
        assert!(clock.now() >= now + HOUR + Duration::from_secs(1));
        assert!(clock.now() < now + 2 * HOUR);
    }

    #[test]
    fn setting_the_clock_ahead_is_followed() {
        let now = wall();
        let clock = Clock { monotonic: Instant::now(), wall: now - HOUR };
        assert!(clock.now() >= now && clock.now() < now + HOUR);
    }
}
