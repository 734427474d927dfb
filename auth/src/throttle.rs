//! Slows down the guessing of passwords: after five failures in a row for a username the next attempt must wait a second,
//! then two, up to a minute. No user is locked out for good.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row before the first wait, because people mistype.
const FREE_FAILURES: u32 = 5;
/// The longest wait: it allows 1,440 guesses a day, and the owner of the account can still log in.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The size of the table, at some 100 bytes a username. To evict one, an attacker must fail with as many others first, and
/// each failure costs a hash.
const CAPACITY: usize = 10_000;

/// Counts failed logins for each username.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Failures>>);

#[derive(Debug)]
struct Failures {
    /// At least one.
    in_a_row: u32,
    last: Instant,
    /// The time of the failure before the last, to which [`Throttle::undo`] returns.
    previous: Instant,
}

impl Throttle {
    /// Counts an attempt as failed before its outcome is known, so that parallel guesses count too.
    ///
    /// # Errors
    /// Returns the remaining wait if the attempt is too early; it then does not count.
    pub fn attempt(&self, username: &str, now: Instant) -> Result<(), Duration> {
        let mut table = self.table();
        if let Some(failures) = table.get_mut(username) {
            let left = wait_after(failures.in_a_row).saturating_sub(now.duration_since(failures.last));
            if !left.is_zero() {
                return Err(left);
            }
            let in_a_row = failures.in_a_row.saturating_add(1);
            *failures = Failures { in_a_row, last: now, previous: failures.last };
            return Ok(());
        }
        if table.len() >= CAPACITY {
            let oldest = table.iter().min_by_key(|(_, failures)| failures.last).map(|(name, _)| name.clone());
            oldest.and_then(|name| table.remove(&name));
        }
        table.insert(username.to_owned(), Failures { in_a_row: 1, last: now, previous: now });
        Ok(())
    }

    /// Forgets the failures of a username after a successful login.
    pub fn succeeded(&self, username: &str) {
        self.table().remove(username);
    }

    /// Takes back an attempt whose outcome was never found out.
    pub fn undo(&self, username: &str) {
        let mut table = self.table();
        if let Some(failures) = table.get_mut(username) {
            failures.in_a_row -= 1;
            failures.last = failures.previous;
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
            // Rejected attempts do not extend the wait.
            assert_eq!(throttle.attempt("ada", now + wait / 2), Err(wait / 2));
            now += wait;
            assert_eq!(throttle.attempt("ada", now), Ok(()));
        }
    }

    #[test]
    fn a_success_resets_the_count_of_its_username() {
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
    fn an_undone_attempt_does_not_count() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..20 {
            throttle.attempt("ada", now).unwrap();
            throttle.undo("ada");
        }
        assert!(throttle.table().is_empty());
        for _ in 0..5 {
            throttle.attempt("ada", now).unwrap();
        }
        throttle.attempt("ada", now + SECOND).unwrap();
        throttle.undo("ada");
        assert_eq!(throttle.attempt("ada", now + SECOND), Ok(()), "the wait of the previous failure applies");
    }

    #[test]
    fn a_full_table_evicts_the_oldest_entry() {
        let throttle = Throttle::default();
        let start = Instant::now();
        for i in 0..CAPACITY as u32 + 5 {
            throttle.attempt(&i.to_string(), start + Duration::from_millis(u64::from(i))).unwrap();
        }
        let table = throttle.table();
        assert_eq!(table.len(), CAPACITY);
        assert!(!table.contains_key("4") && table.contains_key("5"));
    }
}
