//! The four formats of a report.

mod json;
mod junit;
pub mod list;
mod markdown;
mod terminal;

use crate::finding::Report;
use crate::text::Lang;

/// The format of a report.
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
    /// Formats the report.
    pub fn show(&self, format: Format, lang: Lang) -> String {
        match format {
            Format::Terminal { colour } => terminal::show(self, lang, colour),
            Format::Json => json::show(self, lang),
            Format::Junit => junit::show(self, lang),
            Format::Markdown => markdown::show(self, lang),
        }
    }
}
