//! Guessing passwords takes as long as it takes, whatever the clock says.

use std::time::{Duration, Instant};

use testkit::{Client, eventually};

use super::lab::{Clock, HOUR, Running, log_in};

/// After the sixth failure in a row.
const WAIT: Duration = Duration::from_secs(2);

/// Guesses until a guess is let through: it fails.
fn insist(auth: &Client) {
    eventually("a guess is let through", || {
        let answer = log_in(auth, "difference engine");
        assert!(matches!(answer.status, 401 | 429), "{}", answer.text());
        (answer.status == 401).then_some(())
    });
}

#[test]
fn a_jump_neither_ends_the_wait_of_who_guesses_nor_makes_it_longer() {
    let jumps = [24 * HOUR, -24 * HOUR];
    for jump in jumps {
        let clock = Clock::new();
        let auth = Running::start(clock.rules(faults::auth()));
        // Five are free; the sixth waits for a second.
        (0..6).for_each(|_| insist(&auth.client));
        let failed = Instant::now();
        clock.is_off_by(jump);
        if jump < 0 {
            auth.has_seen_the_clock_go_back();
        }
        insist(&auth.client);
        // The wait began when the sixth was counted, which is the time of a hash before its answer came.
        let waited = failed.elapsed();
        assert!(waited >= WAIT / 2, "{jump} s: let through after {waited:?}");
    }
    faults::report(
        "the clock jumps a day while a guesser waits",
        &format!("{} jumps, ahead and back", jumps.len()),
        "0 guesses let through early, 0 kept waiting",
    );
}
