//! The time that tokens are made and judged by: the wall clock's, which may be set ahead but not back.
//!
//! Were a wall clock that is set back believed, tokens that have expired would be good again. So the time is never less
//! than what the wall clock said at the start and what has passed since, by the clock that nobody can set. Tokens are
//! made by it too: else, while the wall clock is behind, each login would give a token that has expired.
//!
//! To remember the latest time that was ever seen would be simpler, and one glimpse of a wrong future would keep
//! everybody out until a restart. Here a jump ahead is over when the clock is set right.
//!
//! What this cannot tell: whether the clock was right at the start. A service that starts after the clock was set back
//! takes what it says, and one that starts on a clock ahead by more than the skew that is allowed has to be started
//! again once that is set right. Of the time that a machine sleeps, only the wall clock knows.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment, by both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    steady: Instant,
    wall: Duration,
}

impl Clock {
    /// Takes the wall clock at its word, this once.
    pub(crate) fn start() -> Self {
        Self { steady: Instant::now(), wall: wall() }
    }

    /// The time since 1970.
    pub(crate) fn now(self) -> Duration {
        wall().max(self.wall + self.steady.elapsed())
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
    fn a_clock_that_was_set_back_goes_on_from_where_it_was() {
        let now = wall();
        // A second ago the wall clock was an hour ahead of what it now says.
        let clock = Clock { steady: Instant::now() - Duration::from_secs(1), wall: now + HOUR };
        assert!(clock.now() >= now + HOUR + Duration::from_secs(1));
        assert!(clock.now() < now + 2 * HOUR);
    }

    #[test]
    fn a_clock_that_was_set_ahead_is_believed() {
        let now = wall();
        let clock = Clock { steady: Instant::now(), wall: now - HOUR };
        assert!(clock.now() >= now && clock.now() < now + HOUR);
    }
}
