//! `kill -9` before a system call by which a service on SQLite, under load, writes to its store: a moment too short to be met by
//! chance, and the one in which an answer given too early is lost. strace does the killing.

use faults::{Dice, scaled};

use super::known::{Known, Tally};
use super::storm::{Subject, write_until_killed};
use super::subjects::{AuthSubject, PersonSubject};

#[test]
fn nothing_acknowledged_is_lost_by_a_kill_before_a_write_to_the_store() {
    let mut dice = Dice::thrown("before writing");
    killed_before_writing("person", &PersonSubject::new(), 60, &mut dice);
    killed_before_writing("auth", &AuthSubject::new(), 30, &mut dice);
}

/// Kills a service again and again, each time before it writes a page of its WAL: so many at least are written before,
/// some forty of them while the store is made.
fn killed_before_writing(service: &str, subject: &impl Subject, least: usize, dice: &mut Dice) {
    let (mut known, mut tally) = (Known::default(), Tally::default());
    for round in 0..scaled(10) {
        let inject = format!("inject=pwrite64:signal=KILL:when={}", dice.number(least..2 * least));
        let strace = format!("exec strace -f -qq -o /dev/null -e trace=pwrite64 -e {inject} \"$0\" serve");
        let running = subject.place().serve_after(&strace);
        let writers = subject.writers(round, &known);
        write_until_killed(running, writers, &mut known, &mut tally, |mut strace, _| {
            assert!(!strace.ended().success(), "nobody killed it");
        });
        let found = subject.read(&mut subject.place().serve(), &known);
        known.compare(&found, &mut tally);
    }
    tally.judge(&format!("`kill -9` of {service} before it writes to its store"));
}
