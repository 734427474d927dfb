//! Many guesses at once at the password of one user.

use std::time::{Duration, Instant};

use faults::services::{self, Service};
use faults::{at_once, report, scaled};

use super::{HASHES, WRONG, log_in, register};

/// The guesses at once; auth holds 1,024 connections.
const AT_ONCE: usize = 50;

#[test]
fn parallel_guesses_get_five_hashes_and_one_for_each_wait() {
    let auth = Service::start("auth", services::auth());
    let (mut hashed, users) = (0, scaled(2));
    for user in 0..users {
        let username = format!("ada-{user}");
        register(&auth.client, &username);
        let before = auth.metric(HASHES);
        let start = Instant::now();
        let statuses = at_once(AT_ONCE, |_| log_in(&auth.client, &username, WRONG).status);
        let most = most_after(start.elapsed());
        let let_through = statuses.iter().filter(|status| **status == 401).count();
        assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
        assert_eq!(auth.metric(HASHES) - before, let_through as u64, "a refused guess takes no hash");
        assert!((5..=most).contains(&let_through), "{let_through} guesses instead of at most {most}");
        hashed += let_through;
    }
    let tried = users * AT_ONCE;
    report(
        "parallel wrong logins of one user",
        &format!("{tried} attempts, {AT_ONCE} at once for each of {users} users"),
        &format!("{hashed} hashed, {} refused with 429", tried - hashed),
    );
}

/// Returns the highest number of guesses in a time: five, and one more after each wait of 1, 2, 4, ... seconds.
fn most_after(elapsed: Duration) -> usize {
    let waits = (1..7).take_while(|waits| (1 << waits) - 1 <= elapsed.as_secs());
    5 + waits.count()
}
