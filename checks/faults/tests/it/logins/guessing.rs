//! Many guesses at once at one user's password.

use std::thread;
use std::time::{Duration, Instant};

use faults::{report, scaled};
use testkit::{Client, eventually};

use super::{PASSWORD, WRONG, hashes, log_in, register, wait_of};

/// How many at once; auth holds 1,024 connections.
const AT_ONCE: usize = 50;

#[test]
fn parallel_guesses_get_five_hashes_and_then_one_for_each_wait_that_has_passed() {
    let place = faults::auth();
    let mut service = place.serve();
    let auth = service.client();
    register(&auth, "bob");
    let (mut guesses, mut tried) = (0, 0);
    for round in 0..scaled(2) {
        let ada = format!("ada-{round}");
        register(&auth, &ada);
        let before = hashes(&auth);
        let start = Instant::now();
        let statuses = at_once(&auth, &ada);
        let most = most_after(start.elapsed());
        let let_through = statuses.iter().filter(|status| **status == 401).count();
        assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
        assert_eq!(hashes(&auth) - before, let_through as u64, "what is refused costs no hash");
        assert!((5..=most).contains(&let_through), "{let_through} guesses, {most} at the most");
        (guesses, tried) = (guesses + let_through, tried + statuses.len());
        no_way_round_the_wait(&auth, &ada);
    }
    report(
        "parallel wrong logins of one user",
        &format!("{tried} tries, {AT_ONCE} at once for each of {} users", tried / AT_ONCE),
        &format!("{guesses} hashed, {} refused with 429", tried - guesses),
    );
}

fn at_once(auth: &Client, username: &str) -> Vec<u16> {
    thread::scope(|scope| {
        let guess = || log_in(auth, username, WRONG).status;
        let guesses: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(guess)).collect();
        guesses.into_iter().map(|guess| guess.join().expect("no panic")).collect()
    })
}

/// Five, and one more after each wait of 1, 2, 4, ... seconds: all that can have been let through in a time.
fn most_after(elapsed: Duration) -> usize {
    let waits = (1..7).take_while(|waits| (1 << waits) - 1 <= elapsed.as_secs());
    5 + waits.count()
}

/// The right password waits too, others do not, and who keeps on trying waits no longer for it.
fn no_way_round_the_wait(auth: &Client, ada: &str) {
    // On to a wait of four seconds, so that it can be looked at on a slow machine too.
    let wait = eventually("a wait of four seconds", || {
        let answer = log_in(auth, ada, WRONG);
        (answer.status == 429).then(|| wait_of(answer)).filter(|seconds| *seconds >= 4)
    });
    let (start, before) = (Instant::now(), hashes(auth));
    assert!(wait_of(log_in(auth, ada, PASSWORD)) <= wait, "the right password waits");
    let mut last = wait;
    for _ in 0..20 {
        let left = wait_of(log_in(auth, ada, WRONG));
        assert!(left <= last, "{left} s after {last} s: a try that is refused lengthens the wait");
        last = left;
    }
    assert_eq!(hashes(auth), before, "what is refused costs no hash");
    let _ = log_in(auth, "bob", PASSWORD).expect(200);
    // Never for good: the owner gets in, trying all the while.
    let answer = eventually("the owner is let in", || {
        Some(log_in(auth, ada, PASSWORD)).filter(|answer| answer.status != 429)
    });
    let _ = answer.expect(200);
    let least = Duration::from_secs(wait - 1);
    assert!(start.elapsed() >= least, "in after {:?}, told to wait {wait} s", start.elapsed());
}
