//! Many write over connections of their own, so that batches form, until the service is killed; then it is started
//! again, asked what is there, and written to anew.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use faults::{Dice, KeepAlive};
use serde_json::Value;
use testkit::{Answer, Binary, PATIENCE, Place, tokens};

use super::known::{Known, State, Tally};

/// A write that is about to be sent, to the thing of this name, and what it makes of it.
pub(crate) struct Write {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) of: String,
    pub(crate) will_be: Option<String>,
}

/// Who writes over one connection. No two write to the same thing, so each knows what its own must be.
pub(crate) trait Writer: Send {
    fn next(&mut self) -> Write;
    /// The last write was acknowledged, with this answer.
    fn acknowledged(&mut self, answer: &Answer);
}

/// What is written to, and how it is found out what is there.
pub(crate) trait Subject {
    fn place(&self) -> &Place;
    fn writers(&self, round: usize, known: &Known) -> Vec<Box<dyn Writer>>;
    fn read(&self, service: &mut Binary, known: &Known) -> State;
}

/// Kills a service so often: each time after a random while of at most so many milliseconds, or after a random number
/// of acknowledged writes; now and then also while it starts again.
pub(crate) fn storm(subject: &impl Subject, dice: &mut Dice, kills: usize, most: (usize, usize)) -> Tally {
    let (at_most_ms, most_writes) = most;
    let (mut known, mut tally) = (Known::default(), Tally::default());
    let mut service = subject.place().serve();
    for round in 0..kills {
        let writers = subject.writers(round, &known);
        write_until_killed(service, writers, &mut known, &mut tally, |service, made| {
            match dice.number(0..2) {
                // One write at least, so that there is something to lose.
                0 => after_writes(made, 1, dice.moment(at_most_ms)),
                _ => after_writes(made, dice.number(1..most_writes + 1), Duration::ZERO),
            }
            drop(service);
        });
        if dice.number(0..3) == 0 {
            kill_while_it_starts(subject.place(), dice);
            tally.kills_of_starts += 1;
        }
        // Panics, with what the service said, where it does not start.
        service = subject.place().serve();
        known.compare(&subject.read(&mut service, &known), &mut tally);
    }
    tally
}

/// Starts a service, and kills it before it is ready, or not long after; gives whether it said that it was.
pub(crate) fn kill_while_it_starts(place: &Place, dice: &mut Dice) -> bool {
    let service = place.serve();
    // Every other time while it has hardly begun.
    let at_most_ms = [4, 60][dice.number(0..2)];
    thread::sleep(dice.moment(at_most_ms));
    service.logs().contains("\"ready\"")
}

/// Waits for so many acknowledged writes, and so long after that.
pub(crate) fn after_writes(made: &AtomicUsize, enough: usize, delay: Duration) {
    let start = Instant::now();
    while made.load(Ordering::SeqCst) < enough {
        assert!(start.elapsed() < PATIENCE, "{enough} writes were never made");
        // Short beside a write, so that the kill comes close behind the one that was waited for.
        thread::sleep(Duration::from_micros(50));
    }
    thread::sleep(delay);
}

/// Has them write, and kills the service; how and when is up to `kill`, which is told how many writes were
/// acknowledged so far. A service that is dropped is killed.
pub(crate) fn write_until_killed(
    mut service: Binary,
    writers: Vec<Box<dyn Writer>>,
    known: &mut Known,
    tally: &mut Tally,
    kill: impl FnOnce(Binary, &AtomicUsize),
) {
    let (client, token) = (service.client(), tokens::user("ada"));
    let made = AtomicUsize::new(0);
    let all = Mutex::new((known, &mut *tally));
    thread::scope(|scope| {
        for mut writer in writers {
            let (client, token, made, all) = (&client, &token, &made, &all);
            scope.spawn(move || {
                let Ok(mut connection) = KeepAlive::to(client, token) else { return };
                loop {
                    let Write { method, path, body, of, will_be } = writer.next();
                    let answer = connection.ask(method, &path, &body);
                    let mut all = all.lock().expect("no panic while locked");
                    let Ok(answer) = answer else {
                        all.0.leave_in_flight(&of, will_be);
                        all.1.unanswered += 1;
                        return;
                    };
                    assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text());
                    all.0.acknowledge(&of, will_be);
                    all.1.acknowledged += 1;
                    writer.acknowledged(&answer);
                    made.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        kill(service, &made);
    });
    tally.kills += 1;
}
