//! What came of the checks, and the four ways to show it.

mod json;
mod junit;
pub mod list;
mod markdown;
mod terminal;

use crate::check::{Finding, Level};
use crate::text::{Lang, Text};

/// What came of all checks.
#[derive(Debug)]
pub struct Report {
    /// What was learnt of the version before it was checked.
    pub learnt: Vec<Text>,
    /// What came of each check.
    pub findings: Vec<Finding>,
}

/// A way to show a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table for a terminal, with colour or without.
    Terminal {
        /// Whether the terminal shows colours.
        colour: bool,
    },
    /// For programs.
    Json,
    /// For CI servers.
    Junit,
    /// For a page or a message.
    Markdown,
}

impl Report {
    /// Shows it.
    pub fn show(&self, format: Format, lang: Lang) -> String {
        match format {
            Format::Terminal { colour } => terminal::show(self, lang, colour),
            Format::Json => json::show(self, lang),
            Format::Junit => junit::show(self, lang),
            Format::Markdown => markdown::show(self, lang),
        }
    }

    /// How many checks of a level came to this.
    pub fn count(&self, level: Level, verdict: &str) -> usize {
        let of_these = |finding: &&Finding| finding.check.level == level && finding.verdict() == verdict;
        self.findings.iter().filter(of_these).count()
    }

    /// Whether none that is required failed.
    pub fn meets_the_lab(&self) -> bool {
        self.count(Level::Required, "failed") == 0
    }

    /// One line for a gradebook, the same in every language. Checks that were not run are no part of a fraction.
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
