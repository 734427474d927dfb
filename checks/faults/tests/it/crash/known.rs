//! What is known of the things that were written: what each was acknowledged as, and what a write that nobody
//! answered may have made of it.

use std::collections::BTreeMap;

/// The things that are there, by their names.
pub(crate) type State = BTreeMap<String, String>;

/// A thing: `None` where it was acknowledged as not there.
#[derive(Debug, Default, Clone)]
struct Thing {
    acknowledged: Option<String>,
    /// What the write that was in flight at the kill would have made of it.
    in_flight: Option<Option<String>>,
}

/// All things that were ever written.
#[derive(Debug, Default)]
pub(crate) struct Known(BTreeMap<String, Thing>);

/// What was counted in an attack.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    /// Besides, kills of a service that was starting again.
    pub(crate) kills_of_starts: usize,
    /// Starts after a kill, each of which answered; one that did not has failed the test.
    pub(crate) starts: usize,
    /// Writes that were acknowledged, and those that a kill left without an answer.
    pub(crate) acknowledged: usize,
    pub(crate) unanswered: usize,
    /// Unanswered writes that are there nevertheless, as they may be.
    pub(crate) made_unanswered: usize,
    /// What is not as it was acknowledged, and no unanswered write explains it; what nobody ever wrote.
    pub(crate) lost: Vec<String>,
    pub(crate) strange: Vec<String>,
}

impl Known {
    pub(crate) fn acknowledge(&mut self, name: &str, now: Option<String>) {
        self.0.insert(name.to_owned(), Thing { acknowledged: now, in_flight: None });
    }

    pub(crate) fn leave_in_flight(&mut self, name: &str, would_be: Option<String>) {
        self.0.entry(name.to_owned()).or_default().in_flight = Some(would_be);
    }

    /// The names of all things.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a thing was acknowledged as there, or found there.
    pub(crate) fn is_there(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|thing| thing.acknowledged.is_some())
    }

    /// Compares with what was found, and takes it as what is known from now on.
    pub(crate) fn compare(&mut self, found: &State, tally: &mut Tally) {
        for (name, thing) in &mut self.0 {
            let there = found.get(name).cloned();
            if there != thing.acknowledged {
                if Some(&there) == thing.in_flight.as_ref() {
                    tally.made_unanswered += 1;
                } else {
                    tally.lost.push(format!("{name}: {there:?} is there, known was {thing:?}"));
                }
            }
            *thing = Thing { acknowledged: there, in_flight: None };
        }
        tally.starts += 1;
        tally.strange.extend(found.keys().filter(|name| !self.0.contains_key(*name)).cloned());
    }
}

impl Tally {
    #[track_caller]
    pub(crate) fn assert_nothing_lost(&self) {
        assert!(self.lost.is_empty(), "acknowledged and lost: {:#?}", self.lost);
        assert!(self.strange.is_empty(), "nobody wrote this: {:#?}", self.strange);
    }

    /// Checks and reports.
    #[track_caller]
    pub(crate) fn judge(&self, fault: &str) {
        let Self { kills, kills_of_starts, starts, acknowledged, unanswered, made_unanswered, lost, strange } =
            self;
        self.assert_nothing_lost();
        assert!(made_unanswered <= unanswered, "{made_unanswered} of {unanswered}");
        assert!(acknowledged >= kills, "{acknowledged} writes in {kills} rounds");
        faults::report(
            fault,
            &format!(
                "{kills} kills and {kills_of_starts} more while it started, {acknowledged} acknowledged writes, {unanswered} without an answer"
            ),
            &format!(
                "lost {}, written by nobody {}, made without an answer {made_unanswered}; of {kills} starts {starts} served",
                lost.len(),
                strange.len()
            ),
        );
    }
}
