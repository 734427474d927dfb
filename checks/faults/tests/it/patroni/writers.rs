//! The writers of a drill. Each makes a few writes in a step, notes the answers, and compares them with the data in the
//! end.

mod accounts;
mod counters;
mod persons;
mod records;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use testkit::{Client, StopOnDrop, within};

use super::lab::Lab;
use super::ledger::Ledger;
use accounts::Accounts;
use counters::Counter;
use persons::Persons;
use records::Records;

/// Between two steps of a writer: without it, ten writers leave no time for the cluster on two cores.
const PAUSE: Duration = Duration::from_millis(5);
/// After a step that failed: refusals are quick, and would take the time that the cluster needs to recover.
const LONG_PAUSE: Duration = Duration::from_millis(100);
/// The steps with an acknowledged write that show that a writer works.
const STEPS: usize = 20;
/// For the writers to work again: Patroni takes up to half a minute to replace a primary.
const RECOVERY_LIMIT: Duration = Duration::from_secs(120);

pub(super) trait Writer: Send {
    /// Makes a few writes; returns whether the last one was acknowledged.
    fn step(&mut self, ledger: &Ledger) -> bool;

    /// Compares the answers with the data.
    fn check(&mut self, ledger: &Ledger);
}

/// All writers, and the result of their writes.
pub(super) struct Load {
    writers: Vec<Box<dyn Writer>>,
    pub(super) ledger: Ledger,
}

impl Load {
    pub(super) fn new(lab: &Lab) -> Self {
        let [auth, person, health] = super::lab::SERVICES.map(|service| lab.client(service));
        let mut writers: Vec<Box<dyn Writer>> = vec![Box::new(Accounts::new(auth))];
        for (number, keyed) in [(0, false), (1, false), (2, true), (3, true)] {
            writers.push(Box::new(Persons::new(&person, &format!("user{number}"), keyed)));
        }
        writers.extend(Counter::two_of_a_person(&person).map(boxed));
        writers.extend(Counter::two_of_a_record(&person, &health).map(boxed));
        writers.push(Box::new(Records::new(&person, &health)));
        Self { writers, ledger: Ledger::default() }
    }

    /// Writes while `harm` runs. With its argument, `harm` waits until every writer has worked again.
    pub(super) fn during(&mut self, harm: impl FnOnce(&dyn Fn())) {
        let (done, ledger) = (AtomicBool::new(false), &self.ledger);
        let progress: Vec<_> = self.writers.iter().map(|_| AtomicUsize::new(0)).collect();
        let wait = || {
            let counts = || progress.iter().map(|count| count.load(Ordering::SeqCst)).collect::<Vec<_>>();
            let before = counts();
            within(RECOVERY_LIMIT, "every writer works", || {
                counts().iter().zip(&before).all(|(now, before)| *now >= before + STEPS).then_some(())
            });
        };
        thread::scope(|scope| {
            let _stop = StopOnDrop(&done);
            for (writer, count) in self.writers.iter_mut().zip(&progress) {
                let done = &done;
                scope.spawn(move || {
                    while !done.load(Ordering::SeqCst) {
                        let acknowledged = writer.step(ledger);
                        count.fetch_add(usize::from(acknowledged), Ordering::SeqCst);
                        thread::sleep(if acknowledged { PAUSE } else { LONG_PAUSE });
                    }
                });
            }
            wait();
            harm(&wait);
            wait();
        });
    }

    /// Compares all answers with the data.
    pub(super) fn check(&mut self) {
        let ledger = &self.ledger;
        thread::scope(|scope| {
            for writer in &mut self.writers {
                scope.spawn(|| writer.check(ledger));
            }
        });
    }
}

fn boxed(writer: impl Writer + 'static) -> Box<dyn Writer> {
    Box::new(writer)
}

/// Returns a client with the token of this user, which lasts for 15 minutes.
fn user(client: &Client, name: &str) -> Client {
    client.with_token(&testkit::tokens::user(name))
}
