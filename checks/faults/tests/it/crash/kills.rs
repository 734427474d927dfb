//! Writers send requests over several connections, so that batches form, until the service is killed. The service is
//! started again, and its items are compared with the answers.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use faults::{Outcomes, Random, Store, report, scaled};
use testkit::{Binary, PATIENCE, TestDir};

/// The longest delay before a kill in milliseconds, and the highest number of writes before a kill.
const AT_MOST: (usize, usize) = (100, 200);
/// For auth: a registration takes a password hash.
const AT_MOST_OF_AUTH: (usize, usize) = (300, 12);
/// How many items of earlier rounds are read again after each kill.
const SAMPLED: usize = 5;

#[test]
fn person_loses_no_acknowledged_write() {
    kill_repeatedly(&Store::of("person"), scaled(10), AT_MOST).report("`kill -9` of person, 8 writers");
}

#[test]
fn health_loses_no_acknowledged_write() {
    kill_repeatedly(&Store::of("health"), scaled(10), AT_MOST).report("`kill -9` of health, 8 writers");
}

#[test]
fn auth_loses_no_acknowledged_account() {
    let tally = kill_repeatedly(&Store::of("auth"), scaled(10), AT_MOST_OF_AUTH);
    tally.report("`kill -9` of auth, 4 clients registering");
}

/// The writes of an attack, and its counts.
#[derive(Default)]
pub(super) struct Tally {
    /// The writes of the last round.
    last: Outcomes,
    /// The expected state of the items of earlier rounds.
    earlier: Outcomes,
    /// The number of the next item.
    next: AtomicUsize,
    kills: usize,
    /// Further kills of a service that was starting again.
    kills_of_starts: usize,
    acknowledged: usize,
    unanswered: usize,
    /// Unanswered writes that were made, as they may be.
    made_unanswered: usize,
}

/// Kills a service this many times: each time after a random delay, or after a random number of acknowledged writes;
/// sometimes also while it starts again.
pub(super) fn kill_repeatedly(
    store: &Store,
    kills: usize,
    (at_most_ms, most_writes): (usize, usize),
) -> Tally {
    let mut random = Random::seeded(&format!("kills of {}", store.service));
    let mut tally = Tally::default();
    for _ in 0..kills {
        tally.write_until_killed(store, store.dir.serve(), |service, acknowledged| {
            match random.number(0..2) {
                // At least one write, so that there is something to lose.
                0 => await_writes(acknowledged, 1, random.duration(at_most_ms)),
                _ => await_writes(acknowledged, random.number(1..most_writes + 1), Duration::ZERO),
            }
            drop(service);
        });
        if random.number(0..3) == 0 {
            kill_during_start(&store.dir, &mut random);
            tally.kills_of_starts += 1;
        }
        tally.check(store, &mut store.dir.serve(), &mut random);
    }
    tally
}

/// Starts a service and kills it during the start or soon after; returns whether it was ready.
pub(super) fn kill_during_start(dir: &TestDir, random: &mut Random) -> bool {
    let service = dir.serve();
    // Half of the kills come in the first milliseconds.
    let at_most_ms = [4, 60][random.number(0..2)];
    thread::sleep(random.duration(at_most_ms));
    service.logs().contains("\"ready\"")
}

/// Waits for this many acknowledged writes, and then for this delay.
fn await_writes(acknowledged: &AtomicUsize, count: usize, delay: Duration) {
    let start = Instant::now();
    while acknowledged.load(Ordering::SeqCst) < count {
        assert!(start.elapsed() < PATIENCE, "{count} writes were never acknowledged");
        // Much shorter than a write: the kill follows the last awaited write closely.
        thread::sleep(Duration::from_micros(50));
    }
    thread::sleep(delay);
}

impl Tally {
    /// Continues on a new store, with items from this number on.
    pub(super) fn on_new_store(self, next: usize) -> Self {
        Self { earlier: Outcomes::default(), next: next.into(), ..self }
    }

    /// Runs writers and kills the service. `kill` decides how and when; it receives the number of acknowledged writes.
    /// Dropping a `Binary` kills it.
    pub(super) fn write_until_killed(
        &mut self,
        store: &Store,
        mut service: Binary,
        kill: impl FnOnce(Binary, &AtomicUsize),
    ) {
        let client = store.started(&mut service).expect("the service starts after a kill");
        let acknowledged = AtomicUsize::new(0);
        let outcomes = Mutex::new(Outcomes::default());
        let note = |number, answer| {
            let goes_on = outcomes.lock().expect("no panic while locked").note(number, answer);
            acknowledged.fetch_add(usize::from(goes_on), Ordering::SeqCst);
            goes_on
        };
        thread::scope(|scope| {
            for _ in 0..if store.service == "auth" { 4 } else { 8 } {
                scope.spawn(|| {
                    loop {
                        let number = self.next.fetch_add(1, Ordering::SeqCst);
                        let answer = store.write(&client, number);
                        let path = answer.as_ref().ok().and_then(|answer| answer.header("location"));
                        let path = path.map(str::to_owned);
                        let mut goes_on = note(number, answer);
                        // Every third item is deleted again; accounts have no path.
                        if let Some(path) = path.filter(|_| goes_on && number.is_multiple_of(3)) {
                            goes_on = note(number, client.call("DELETE", &path).try_send());
                        }
                        if !goes_on {
                            return;
                        }
                    }
                });
            }
            kill(service, &acknowledged);
        });
        self.last = outcomes.into_inner().expect("no panic while locked");
        self.kills += 1;
        self.acknowledged += acknowledged.into_inner();
        self.unanswered += self.last.unknown.len();
    }

    /// Compares the items of the last round, and some of the earlier ones, with the answers; returns how many items of
    /// the last round are there.
    pub(super) fn check(&mut self, store: &Store, service: &mut Binary, random: &mut Random) -> usize {
        let client = store.started(service).expect("the service starts after a kill");
        // Person lists its items, so all are compared.
        let sampled = if store.service == "person" { usize::MAX } else { SAMPLED };
        let mut sample = |numbers: &BTreeSet<usize>| -> Vec<usize> {
            let numbers: Vec<usize> = numbers.iter().copied().collect();
            random.sample(0..numbers.len(), sampled).into_iter().map(|at| numbers[at]).collect()
        };
        let last = std::mem::take(&mut self.last);
        let mut expected = last.clone();
        expected.acknowledged.extend(sample(&self.earlier.acknowledged));
        expected.absent.extend(sample(&self.earlier.absent));
        let found = expected.check(store, &client);
        let made = &found & &last.unknown;
        let there = &last.acknowledged | &made;
        self.made_unanswered += made.len();
        self.earlier.acknowledged.extend(&there);
        self.earlier.absent.extend(&last.absent | &(&last.unknown - &made));
        there.len()
    }

    /// Reports the counts.
    pub(super) fn report(&self, attack: &str) {
        let Self { kills, kills_of_starts, acknowledged, unanswered, made_unanswered, .. } = self;
        assert!(acknowledged >= kills, "{acknowledged} writes in {kills} rounds");
        let kills = match kills_of_starts {
            0 => format!("{kills} kills"),
            more => format!("{kills} kills, {more} more during starts"),
        };
        report(
            attack,
            &format!("{kills}, {acknowledged} acknowledged writes, {unanswered} unanswered"),
            &format!("0 lost, 0 unexpected, {made_unanswered} applied unanswered; each start served"),
        );
    }
}
