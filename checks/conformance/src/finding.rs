//! The results of the checks.

use crate::check::{Check, Level};
use crate::http::Exchange;
use crate::outcome::Stop;
use crate::text::Text;

/// The result of one check.
#[derive(Debug)]
pub struct Finding {
    /// The check.
    pub check: &'static Check,
    /// Its result.
    pub outcome: Result<(), Stop>,
    /// The requests that it sent and their responses, in order.
    pub exchanges: Vec<Exchange>,
    /// The requests that the fake person service received from health meanwhile.
    pub person_requests: Vec<Text>,
}

impl Finding {
    /// Returns its result in one word, the same in every language: programs read it too.
    pub fn verdict(&self) -> &'static str {
        match self.outcome {
            Ok(()) => "passed",
            Err(Stop::Failed(_)) => "failed",
            Err(Stop::Skipped(_)) => "skipped",
        }
    }

    /// Returns the reason why the check did not pass.
    pub(crate) fn reason(&self) -> Option<&Text> {
        match &self.outcome {
            Ok(()) => None,
            Err(Stop::Failed(text) | Stop::Skipped(text)) => Some(text),
        }
    }
}

/// The results of all checks.
#[derive(Debug)]
pub struct Report {
    /// The names that the checker found out before the checks.
    pub learnt: Vec<Text>,
    /// The result of each check.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Counts the checks of a level with this verdict.
    pub fn count(&self, level: Level, verdict: &str) -> usize {
        let is_counted = |finding: &&Finding| finding.check.level == level && finding.verdict() == verdict;
        self.findings.iter().filter(is_counted).count()
    }

    /// Whether no required check failed.
    pub fn meets_the_lab(&self) -> bool {
        self.count(Level::Required, "failed") == 0
    }

    /// Returns one line for a gradebook, the same in every language. The fractions leave out skipped checks.
    pub fn summary(&self) -> String {
        let fraction = |level: Level| {
            let passed = self.count(level, "passed");
            format!("{} {passed}/{}", level.name(), passed + self.count(level, "failed"))
        };
        let mut parts: Vec<_> = Level::ALL.into_iter().map(fraction).collect();
        let skipped: usize = Level::ALL.into_iter().map(|level| self.count(level, "skipped")).sum();
        if skipped > 0 {
            let required = self.count(Level::Required, "skipped");
            parts.push(format!("not run {skipped} ({required} required)"));
        }
        parts.join(" · ")
    }
}
