//! Guessing passwords takes ever longer: after five failures in a row on a username the next try waits a
//! second, then two, up to a minute, and never for good.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row before the first wait: people mistype.
const FREE_FAILURES: u32 = 5;
/// The longest wait: 1,440 guesses a day, and the rightful owner is never locked out.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Usernames that are remembered, some 100 bytes each. To push one out, an attacker has to fail with as many
/// others first, and each of those failures costs a hash.
const REMEMBERED: usize = 10_000;

/// Counts failures, for each username.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Failures>>);

#[derive(Debug)]
struct Failures {
    /// At least one.
    in_a_row: u32,
    last: Instant,
    /// When the one before was, if there was one.
    last_but_one: Instant,
}

impl Throttle {
    /// Counts a try as failed before its outcome is known, so that parallel guesses count each other.
    ///
    /// # Errors
    /// How long to wait, where it is too early; then the try does not count.
    pub fn attempt(&self, username: &str, now: Instant) -> Result<(), Duration> {
        let mut table = self.table();
        if let Some(failures) = table.get_mut(username) {
            let left = wait_after(failures.in_a_row).saturating_sub(now.duration_since(failures.last));
            if !left.is_zero() {
                return Err(left);
            }
            let in_a_row = failures.in_a_row.saturating_add(1);
            *failures = Failures { in_a_row, last: now, last_but_one: failures.last };
            return Ok(());
        }
        if table.len() >= REMEMBERED {
            let oldest = table.iter().min_by_key(|(_, failures)| failures.last).map(|(name, _)| name.clone());
            oldest.and_then(|name| table.remove(&name));
        }
        table.insert(username.to_owned(), Failures { in_a_row: 1, last: now, last_but_one: now });
        Ok(())
    }

    /// The password was right: the failures before it are forgotten.
    pub fn succeeded(&self, username: &str) {
        self.table().remove(username);
    }

    /// The try was not made after all: it does not count, and leaves nothing behind.
    pub fn undone(&self, username: &str) {
        let mut table = self.table();
        if let Some(failures) = table.get_mut(username) {
            failures.in_a_row -= 1;
            failures.last = failures.last_but_one;
            if failures.in_a_row == 0 {
                table.remove(username);
            }
        }
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<String, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait_after(failures: u32) -> Duration {
    match failures.checked_sub(FREE_FAILURES) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(6)).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_wait_doubles_from_a_second_to_a_minute() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        for _ in 0..5 {
            assert_eq!(throttle.attempt("ada", now), Ok(()));
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = SECOND * seconds;
            assert_eq!(throttle.attempt("ada", now), Err(wait));
            // Tries that are refused do not lengthen the wait.
            assert_eq!(throttle.attempt("ada", now + wait / 2), Err(wait / 2));
            now += wait;
            assert_eq!(throttle.attempt("ada", now), Ok(()));
        }
    }

    #[test]
    fn a_success_and_another_username_start_afresh() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..5 {
            throttle.attempt("ada", now).unwrap();
        }
        assert_eq!(throttle.attempt("bob", now), Ok(()));
        throttle.succeeded("ada");
        assert_eq!(throttle.attempt("ada", now), Ok(()));
    }

    #[test]
    fn a_try_that_was_not_made_does_not_count() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..20 {
            throttle.attempt("ada", now).unwrap();
            throttle.undone("ada");
        }
        assert!(throttle.table().is_empty());
        for _ in 0..5 {
            throttle.attempt("ada", now).unwrap();
        }
        throttle.attempt("ada", now + SECOND).unwrap();
        throttle.undone("ada");
        assert_eq!(throttle.attempt("ada", now + SECOND), Ok(()), "the wait is that of the failure before");
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_oldest() {
        let throttle = Throttle::default();
        let start = Instant::now();
        for i in 0..REMEMBERED as u32 + 5 {
            throttle.attempt(&i.to_string(), start + Duration::from_millis(u64::from(i))).unwrap();
        }
        let table = throttle.table();
        assert_eq!(table.len(), REMEMBERED);
        assert!(!table.contains_key("4") && table.contains_key("5"));
    }
}
