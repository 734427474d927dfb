//! The results of the checks.

use crate::check::{Check, Level};
use crate::http::Exchange;
use crate::outcome::Stop;
use crate::text::{Lang, Text};

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

    /// Returns its result in one word, for people.
    pub(crate) fn verdict_in(&self, lang: Lang) -> &'static str {
        match (self.verdict(), lang) {
            ("skipped", Lang::En) => "not run",
            ("passed", Lang::Fr) => "réussi",
            ("failed", Lang::Fr) => "échoué",
            (_, Lang::Fr) => "non lancé",
            (verdict, Lang::En) => verdict,
        }
    }

    /// Returns the reason why the check did not pass.
    pub(crate) fn reason(&self) -> Option<&Text> {
        match &self.outcome {
            Ok(()) => None,
            Err(Stop::Failed(failure)) => Some(&failure.text),
            Err(Stop::Skipped(text)) => Some(text),
        }
    }
}

/// The results of all checks.
#[derive(Debug)]
pub struct Report {
    /// The names that the checker found out before the checks.
    pub learnt: Vec<Text>,
    /// Whether a service refuses every token that the checker has.
    pub is_locked_out: bool,
    /// The result of each check.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Counts the checks of a level with this verdict.
    pub fn count(&self, level: Level, verdict: &str) -> usize {
        let is_counted = |finding: &&Finding| finding.check.level == level && finding.verdict() == verdict;
        self.findings.iter().filter(is_counted).count()
    }

    /// Whether the checker did not get in, so that no check could run.
    pub fn has_nothing(&self) -> bool {
        self.is_locked_out && self.findings.iter().all(|finding| finding.verdict() == "skipped")
    }

    /// Whether no required check failed.
    pub fn meets_the_lab(&self) -> bool {
        self.count(Level::Required, "failed") == 0
    }

    /// Returns one line for a gradebook. The fractions are of all checks of a level, so that versions can be compared.
    pub fn summary(&self) -> String {
        self.summary_in(Lang::En)
    }

    /// Returns the same line for people.
    pub fn summary_in(&self, lang: Lang) -> String {
        let fraction = |level: Level| {
            let all = self.findings.iter().filter(|finding| finding.check.level == level).count();
            format!("{} {}/{all}", level.label(lang), self.count(level, "passed"))
        };
        let mut parts: Vec<_> = Level::ALL.into_iter().map(fraction).collect();
        let skipped: usize = Level::ALL.into_iter().map(|level| self.count(level, "skipped")).sum();
        let required = Level::Required.label(lang);
        if skipped > 0 {
            let count = self.count(Level::Required, "skipped");
            let not_run = if lang == Lang::En { "not run" } else { "non lancés" };
            parts.push(format!("{not_run} {skipped} ({count} {required})"));
        }
        let causes = self.causes();
        let serious = causes.iter().filter(|cause| cause.level == Level::Required).count();
        parts.push(format!("causes {} ({serious} {required})", causes.len()));
        parts.join(" · ")
    }
}
