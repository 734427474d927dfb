//! The counters of the throttle. They know no clock: each call is given the time.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::Refusal;

/// Failures in a row of one peer before its first wait, because people mistype.
pub(super) const FREE_FAILURES: u32 = 5;
/// Failures of all peers together before the first wait of a new peer: ten people who mistype, or ten hosts of an attacker.
pub(super) const FREE_FAILURES_OF_ALL: u32 = 10 * FREE_FAILURES;
/// The longest wait: it allows 1,440 guesses a day, and the owner of the account can still log in.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The attempts that may wait for those under one counter: as many as wait for a hash.
pub(super) const WAITING: usize = 128;
/// The size of each table, at some 150 bytes an entry. A failure makes two entries and costs a hash, so to evict one
/// an attacker must pay for 10,000 hashes first.
pub(super) const CAPACITY: usize = 20_000;

/// An address, or the /64 network of an IPv6 address: a host in it can usually use all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Peer(IpAddr);

impl Peer {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into()),
            v4 => Self(v4),
        }
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A username, and one peer or all together.
type Key = (String, Option<Peer>);

/// Failures since the last success.
#[derive(Debug)]
struct Failures {
    in_a_row: u32,
    last: Instant,
}

/// Attempts whose outcome is not known yet.
#[derive(Debug, Default)]
struct UnderWay {
    count: u32,
    /// Wakes the waiting attempts when one ends. Each waiting attempt holds a clone.
    ended: Arc<Notify>,
}

/// When an attempt may begin.
#[derive(Debug)]
pub(super) enum Turn {
    /// It has begun.
    Now,
    /// Once one of the attempts under way has ended.
    AfterAnother(Arc<Notify>),
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    failures: HashMap<Key, Failures>,
    /// Bounded by the number of connections.
    under_way: HashMap<Key, UnderWay>,
    /// When each user last logged in from each peer. The failures of other peers do not concern these.
    welcome: HashMap<(String, Peer), Instant>,
}

impl Counters {
    pub(super) fn begin(&mut self, username: &str, peer: Peer, now: Instant) -> Result<Turn, Refusal> {
        let [own, all] = keys(username, peer);
        let mut limits = vec![(&own, FREE_FAILURES)];
        if !self.welcome.contains_key(&(username.to_owned(), peer)) {
            limits.push((&all, FREE_FAILURES_OF_ALL));
        }
        for (key, free) in limits {
            if let wait @ Turn::AfterAnother(_) = self.turn(key, free, now)? {
                return Ok(wait);
            }
        }
        for key in [own, all] {
            self.under_way.entry(key).or_default().count += 1;
        }
        Ok(Turn::Now)
    }

    fn turn(&self, key: &Key, free: u32, now: Instant) -> Result<Turn, Refusal> {
        let mut failed = 0;
        if let Some(failures) = self.failures.get(key) {
            failed = failures.in_a_row;
            let left = wait_after(failed, free).saturating_sub(now.duration_since(failures.last));
            if !left.is_zero() {
                return Err(Refusal::TooEarly(left));
            }
        }
        // After a wait, one attempt at a time.
        let room = free.saturating_sub(failed).max(1);
        match self.under_way.get(key) {
            Some(UnderWay { count, ended }) if *count >= room => {
                let waiting = Arc::strong_count(ended) - 1;
                if waiting < WAITING {
                    Ok(Turn::AfterAnother(Arc::clone(ended)))
                } else {
                    Err(Refusal::TooMany)
                }
            }
            _ => Ok(Turn::Now),
        }
    }

    /// Ends an attempt that has begun: as a success, as a failure, or as one that never was.
    pub(super) fn end(&mut self, username: &str, peer: Peer, right: Option<bool>, now: Instant) {
        let keys = keys(username, peer);
        for key in &keys {
            if let Some(under_way) = self.under_way.get_mut(key) {
                under_way.count -= 1;
                under_way.ended.notify_waiters();
                if under_way.count == 0 {
                    self.under_way.remove(key);
                }
            }
        }
        match right {
            None => {}
            Some(false) => {
                for key in keys {
                    make_room(&mut self.failures, &key, |failures| failures.last);
                    let failures = self.failures.entry(key).or_insert(Failures { in_a_row: 0, last: now });
                    *failures = Failures { in_a_row: failures.in_a_row.saturating_add(1), last: now };
                }
            }
            Some(true) => {
                let [own, all] = keys;
                self.failures.remove(&own);
                let welcome = (username.to_owned(), peer);
                make_room(&mut self.welcome, &welcome, |last| *last);
                // A success that the failures of all did not concern leaves them: otherwise each login of a user would
                // give an attacker elsewhere a new allowance.
                if self.welcome.insert(welcome, now).is_none() {
                    self.failures.remove(&all);
                }
            }
        }
    }
}

fn keys(username: &str, peer: Peer) -> [Key; 2] {
    [(username.to_owned(), Some(peer)), (username.to_owned(), None)]
}

/// Evicts the oldest entry of a full table for a new key.
fn make_room<K: Clone + Eq + Hash, V>(table: &mut HashMap<K, V>, new: &K, age: impl Fn(&V) -> Instant) {
    if table.len() >= CAPACITY && !table.contains_key(new) {
        let oldest = table.iter().min_by_key(|(_, value)| age(value)).map(|(key, _)| key.clone());
        oldest.and_then(|key| table.remove(&key));
    }
}

pub(super) fn wait_after(failures: u32, free: u32) -> Duration {
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(6)).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn peer(number: u32) -> Peer {
        Peer(IpAddr::V4(number.into()))
    }

    /// Begins an attempt at Ada's account; returns the wait if it is too early.
    fn begin(counters: &mut Counters, peer: Peer, now: Instant) -> Result<(), Duration> {
        match counters.begin("ada", peer, now) {
            Ok(Turn::Now) => Ok(()),
            Err(Refusal::TooEarly(left)) => Err(left),
            other => panic!("{other:?}"),
        }
    }

    /// Makes an attempt at Ada's account with this outcome.
    fn attempt(
        counters: &mut Counters,
        peer: Peer,
        right: Option<bool>,
        now: Instant,
    ) -> Result<(), Duration> {
        begin(counters, peer, now)?;
        counters.end("ada", peer, right, now);
        Ok(())
    }

    #[test]
    fn the_wait_doubles_from_a_second_to_a_minute() {
        let (mut counters, mut now) = (Counters::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(attempt(&mut counters, peer(1), Some(false), now), Ok(()));
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = SECOND * seconds;
            assert_eq!(begin(&mut counters, peer(1), now), Err(wait));
            // Refused attempts do not extend the wait.
            assert_eq!(begin(&mut counters, peer(1), now + wait / 2), Err(wait / 2));
            now += wait;
            assert_eq!(attempt(&mut counters, peer(1), Some(false), now), Ok(()));
        }
    }

    #[test]
    fn new_peers_share_ten_times_the_allowance() {
        let (mut counters, now) = (Counters::default(), Instant::now());
        assert_eq!(attempt(&mut counters, peer(0), Some(true), now), Ok(()));
        for number in 0..50 {
            assert_eq!(attempt(&mut counters, peer(1 + number / 5), Some(false), now), Ok(()), "{number}");
        }
        assert_eq!(begin(&mut counters, peer(11), now), Err(SECOND));
        // The peer from which she has logged in is not concerned, and its success does not help the others.
        assert_eq!(attempt(&mut counters, peer(0), Some(true), now), Ok(()));
        assert_eq!(begin(&mut counters, peer(11), now), Err(SECOND));
        // A success of a new peer shows that its user is back.
        assert_eq!(attempt(&mut counters, peer(11), Some(true), now + SECOND), Ok(()));
        assert_eq!(attempt(&mut counters, peer(12), Some(false), now + SECOND), Ok(()));
    }

    #[test]
    fn an_attempt_without_an_outcome_does_not_count() {
        let (mut counters, now) = (Counters::default(), Instant::now());
        for _ in 0..20 {
            assert_eq!(attempt(&mut counters, peer(1), None, now), Ok(()));
        }
        assert!(counters.failures.is_empty() && counters.under_way.is_empty());
        for _ in 0..5 {
            assert_eq!(attempt(&mut counters, peer(1), Some(false), now), Ok(()));
        }
        assert_eq!(attempt(&mut counters, peer(1), None, now + SECOND), Ok(()));
        assert_eq!(
            attempt(&mut counters, peer(1), Some(false), now + SECOND),
            Ok(()),
            "the wait is still over"
        );
    }

    #[test]
    fn attempts_under_way_use_up_the_allowance() {
        let (mut counters, now) = (Counters::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(begin(&mut counters, peer(1), now), Ok(()));
        }
        let waiting: Vec<_> = (0..WAITING).map(|_| counters.begin("ada", peer(1), now)).collect();
        assert!(waiting.iter().all(|turn| matches!(turn, Ok(Turn::AfterAnother(_)))));
        assert!(matches!(counters.begin("ada", peer(1), now), Err(Refusal::TooMany)));
        drop(waiting);
        counters.end("ada", peer(1), Some(false), now);
        assert!(matches!(counters.begin("ada", peer(1), now), Ok(Turn::AfterAnother(_))));
        counters.end("ada", peer(1), Some(true), now);
        assert_eq!(begin(&mut counters, peer(1), now), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let of = |text: &str| Peer::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:0:7::1"), of("2001:db8:0:7:ffff::2"));
        assert_ne!(of("2001:db8:0:7::1"), of("2001:db8:0:8::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn full_tables_evict_their_oldest_entries() {
        let (mut counters, start) = (Counters::default(), Instant::now());
        let attempt = |counters: &mut Counters, number: u32, right| {
            let now = start + Duration::from_millis(u64::from(number));
            assert!(matches!(counters.begin(&number.to_string(), peer(1), now), Ok(Turn::Now)));
            counters.end(&number.to_string(), peer(1), Some(right), now);
        };
        (0..CAPACITY as u32 + 5).for_each(|number| attempt(&mut counters, number, true));
        // A failure makes two entries.
        (0..CAPACITY as u32 / 2 + 5).for_each(|number| attempt(&mut counters, number, false));
        assert_eq!((counters.failures.len(), counters.welcome.len()), (CAPACITY, CAPACITY));
        assert!(!counters.welcome.contains_key(&("4".to_owned(), peer(1))));
        assert!(counters.welcome.contains_key(&("5".to_owned(), peer(1))));
        assert!(!counters.failures.contains_key(&("4".to_owned(), None)));
        assert!(counters.failures.contains_key(&("5".to_owned(), None)));
    }
}
