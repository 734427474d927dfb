//! The wait after failed logins depends on elapsed time, not on the wall clock.

use std::time::{Duration, Instant};

use faults::report;
use faults::services::{self, Service};
use testkit::{Client, eventually};

use super::wall_clock::{HOUR, WallClock, await_earlier_time, log_in};

/// The wait after the sixth failure in a row.
const WAIT: Duration = Duration::from_secs(2);

/// Sends wrong passwords until one is checked, and so fails.
fn fail_once(auth: &Client) {
    eventually("a password is checked", || {
        let answer = log_in(auth, "difference engine");
        assert!(matches!(answer.status, 401 | 429), "{}", answer.text());
        (answer.status == 401).then_some(())
    });
}

#[test]
fn clock_jumps_do_not_change_the_wait_after_failures() {
    let jumps = [24 * HOUR, -24 * HOUR];
    for jump in jumps {
        let clock = WallClock::new();
        let auth = Service::start("auth", clock.rules(services::auth()));
        // Five are free; the sixth waits for a second.
        (0..6).for_each(|_| fail_once(&auth.client));
        let failed = Instant::now();
        clock.set(jump);
        if jump < 0 {
            await_earlier_time(&auth);
        }
        fail_once(&auth.client);
        // The wait began when the sixth failure was counted: before its hash, which delays the answer.
        let waited = failed.elapsed();
        assert!(waited >= WAIT / 2, "{jump} s: let through after {waited:?}");
    }
    report(
        "the clock jumps a day while login attempts are delayed",
        &format!("{} jumps, forward and back", jumps.len()),
        "0 attempts allowed early, 0 delayed longer",
    );
}
