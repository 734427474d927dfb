//! The answers to the writes of a drill, and the faults that were found.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use faults::report;
use serde_json::Value;
use testkit::{Answer, Call, Client, eventually};

/// What the answer to a write says about it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was made.
    Made(Answer),
    /// Nothing was changed; it may be tried later.
    Refused,
    /// It may have been made.
    Unknown,
    /// Nothing was changed, for a reason that lies in the data.
    Denied(Answer),
}

impl Outcome {
    fn of(answer: io::Result<Answer>) -> Self {
        let Ok(answer) = answer else { return Self::Unknown };
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let slug = problem["type"].as_str().and_then(|path| path.strip_prefix("/problems/"));
        match (answer.status, slug) {
            (200..300, _) => Self::Made(answer),
            (_, Some("not-ready" | "too-busy" | "timed-out")) => Self::Refused,
            (_, Some("person-unreachable" | "person-timeout" | "person-broken")) => Self::Refused,
            (_, Some("outcome-unknown")) => Self::Unknown,
            // HAProxy found no replica, and has sent the request to none.
            (503, None) => Self::Refused,
            // HAProxy has sent the request to a replica that did not answer.
            (502 | 504, None) => Self::Unknown,
            _ => Self::Denied(answer),
        }
    }

    pub(super) fn is_made(&self) -> bool {
        matches!(self, Self::Made(_))
    }
}

/// What a drill must never show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A write was acknowledged, and is not there.
    Lost,
    /// One creation made two, or one id was issued twice.
    Doubled,
    /// Two states have the same `ETag`, or an update overwrote another one.
    Overwritten,
    /// An answer says something else than the data.
    WrongVerdict,
}

#[derive(Default)]
struct Tally {
    acknowledged: usize,
    refused: usize,
    unknown: usize,
    last: Option<Instant>,
    longest_pause: Duration,
    faults: BTreeMap<Fault, Vec<String>>,
    /// The name of each person, by the id.
    ids: BTreeMap<u64, String>,
}

/// The counts of a drill, for all writers.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Tally>);

impl Ledger {
    /// Sends a write and counts its outcome.
    pub(super) fn write(&self, call: Call) -> Outcome {
        let outcome = Outcome::of(call.try_send());
        let mut tally = self.tally();
        match outcome {
            Outcome::Made(_) => {
                let now = Instant::now();
                let pause = tally.last.map_or(Duration::ZERO, |last| now - last);
                tally.longest_pause = tally.longest_pause.max(pause);
                tally.last = Some(now);
                tally.acknowledged += 1;
            }
            Outcome::Refused => tally.refused += 1,
            Outcome::Unknown => tally.unknown += 1,
            Outcome::Denied(_) => {}
        }
        outcome
    }

    /// Sends a write that nothing in the data forbids.
    pub(super) fn allowed_write(&self, call: Call) -> Outcome {
        let what = format!("{call:?}");
        let outcome = self.write(call);
        if let Outcome::Denied(answer) = &outcome {
            self.found(Fault::WrongVerdict, format!("{what}: {} {}", answer.status, answer.text()));
        }
        outcome
    }

    /// Reads, and checks the status of an answer that has a verdict. Returns the answer with this status.
    pub(super) fn read(&self, client: &Client, path: &str, status: u16) -> Option<Answer> {
        match Outcome::of(client.call("GET", path).try_send()) {
            Outcome::Made(answer) | Outcome::Denied(answer) if answer.status == status => Some(answer),
            Outcome::Made(answer) | Outcome::Denied(answer) => {
                self.found(Fault::WrongVerdict, format!("{path}: {} {}", answer.status, answer.text()));
                None
            }
            Outcome::Refused | Outcome::Unknown => None,
        }
    }

    /// Notes the id of a new person.
    pub(super) fn issued(&self, id: u64, name: &str) {
        let before = self.tally().ids.insert(id, name.to_owned());
        if let Some(before) = before.filter(|before| before != name) {
            self.found(Fault::Doubled, format!("id {id}: {before} and {name}"));
        }
    }

    pub(super) fn found(&self, fault: Fault, what: String) {
        self.tally().faults.entry(fault).or_default().push(what);
    }

    /// Reports the counts as a row of a table; returns the faults.
    pub(super) fn report(&self, drill: &str) -> BTreeMap<Fault, Vec<String>> {
        let tally = self.tally();
        let faults = |fault| tally.faults.get(&fault).map_or(0, Vec::len);
        report(
            drill,
            &format!(
                "{} acknowledged, {} refused, {} unknown",
                tally.acknowledged, tally.refused, tally.unknown
            ),
            &format!(
                "{} lost, {} doubled, {} overwritten, {} wrong verdicts; {:.1} s without writes",
                faults(Fault::Lost),
                faults(Fault::Doubled),
                faults(Fault::Overwritten),
                faults(Fault::WrongVerdict),
                tally.longest_pause.as_secs_f64()
            ),
        );
        tally.faults.clone()
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().expect("no panic while locked")
    }
}

/// Something that is written, with the states that its answers allow. After an unknown outcome it must be left alone.
pub(super) struct Item<S> {
    pub(super) name: String,
    allowed: Vec<S>,
    refused: Vec<S>,
}

impl<S: PartialEq + Debug> Item<S> {
    pub(super) fn new(name: &str, state: S) -> Self {
        Self { name: name.to_owned(), allowed: vec![state], refused: Vec::new() }
    }

    /// Notes the outcome of a write that leads to this state.
    pub(super) fn note(&mut self, outcome: &Outcome, state: S) {
        match outcome {
            Outcome::Made(_) => self.allowed = vec![state],
            Outcome::Refused | Outcome::Denied(_) => self.refused.push(state),
            Outcome::Unknown => self.allowed.push(state),
        }
    }

    /// Compares the answers with the state in the end.
    pub(super) fn check(&self, found: &S, ledger: &Ledger) {
        if !self.allowed.contains(found) {
            let fault = if self.refused.contains(found) { Fault::WrongVerdict } else { Fault::Lost };
            ledger.found(fault, format!("{}: {found:?} in place of {:?}", self.name, self.allowed));
        }
    }
}

/// Sends a request after a drill, again while the answer is a 503, and returns the answer.
pub(super) fn settled(call: impl Fn() -> Call) -> Answer {
    eventually("an answer with a verdict", || match Outcome::of(call().try_send()) {
        Outcome::Made(answer) | Outcome::Denied(answer) => Some(answer),
        Outcome::Refused | Outcome::Unknown => None,
    })
}
