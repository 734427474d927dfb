//! A check: a promise of the lab, how to try it, and what to tell whoever did not keep it.

use crate::http::Exchange;
use crate::subject::Subject;
use crate::text::{Text, text};

/// How much depends on a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The lab says so.
    Required,
    /// HTTP says so.
    Expected,
    /// A careful engineer would.
    Robust,
}

impl Level {
    /// All, in the order of a summary.
    pub const ALL: [Self; 3] = [Self::Required, Self::Expected, Self::Robust];

    /// Its name, the same in every language: it is read by programs too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Expected => "expected",
            Self::Robust => "robust",
        }
    }

    /// What it means.
    pub fn meaning(self) -> Text {
        match self {
            Self::Required => text("the lab says so", "le sujet le demande"),
            Self::Expected => text("HTTP says so", "HTTP le demande"),
            Self::Robust => text("a careful engineer would", "un ingénieur soigneux le ferait"),
        }
    }
}

/// Whose behaviour a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The person service.
    Person,
    /// The health service.
    Health,
    /// The rule between the two: health asks person first.
    Rule,
    /// The auth service, and the doors that its tokens open.
    Auth,
}

impl Area {
    /// All, in the order of a report.
    pub const ALL: [Self; 4] = [Self::Person, Self::Health, Self::Rule, Self::Auth];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Health => "health",
            Self::Rule => "rule",
            Self::Auth => "auth",
        }
    }
}

/// A check.
#[derive(Debug)]
pub struct Check {
    /// Its name, for `--explain` and for programs.
    pub id: &'static str,
    /// Whose behaviour it looks at.
    pub area: Area,
    /// How much depends on it.
    pub level: Level,
    /// The sentence of the lab that it comes from.
    pub lab: &'static Text,
    /// What must hold.
    pub title: Text,
    /// Why that matters.
    pub why: Text,
    /// How to mend it.
    pub mend: Text,
    /// The same for a version in Flask, as code.
    pub flask: &'static str,
    /// Tries it.
    pub(crate) run: fn(&mut Subject) -> Result<(), Stop>,
}

/// Why a check did not pass.
#[derive(Debug, Clone)]
pub enum Stop {
    /// What must hold does not: how it shows.
    Failed(Text),
    /// It could not be tried, and so tells nothing: why not.
    Skipped(Text),
}

/// What came of a check.
#[derive(Debug)]
pub struct Finding {
    /// Which.
    pub check: &'static Check,
    /// What came of it.
    pub outcome: Result<(), Stop>,
    /// What was sent and what came, in order.
    pub exchanges: Vec<Exchange>,
    /// What the played person was asked meanwhile.
    pub asked: Vec<Text>,
}

impl Finding {
    /// One word for what came of it, the same in every language: it is read by programs too.
    pub fn verdict(&self) -> &'static str {
        match self.outcome {
            Ok(()) => "passed",
            Err(Stop::Failed(_)) => "failed",
            Err(Stop::Skipped(_)) => "skipped",
        }
    }
}

/// Fails the check with a text.
pub(crate) fn fail<T>(text: Text) -> Result<T, Stop> {
    Err(Stop::Failed(text))
}

/// Fails the check with a text unless something holds.
pub(crate) fn ensure(holds: bool, text: Text) -> Result<(), Stop> {
    if holds { Ok(()) } else { fail(text) }
}

/// Why a check is not run.
pub(crate) fn skip<T>(text: Text) -> Result<T, Stop> {
    Err(Stop::Skipped(text))
}
