//! The formats of a report.

mod brief;
pub mod grid;
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
        /// Whether each check is shown with its requests.
        verbose: bool,
    },
    /// For programs.
    Json,
    /// For CI servers.
    Junit,
    /// For a page or a message.
    Markdown,
    /// The marking grid of the practical.
    Grid,
}

impl Report {
    /// Formats the report.
    pub fn show(&self, format: Format, lang: Lang) -> String {
        match format {
            Format::Terminal { colour, verbose: true } => terminal::show(self, lang, colour),
            Format::Terminal { colour, verbose: false } => brief::show(self, lang, colour),
            Format::Json => json::show(self, lang),
            Format::Junit => junit::show(self, lang),
            Format::Markdown => markdown::show(self, lang),
            Format::Grid => grid::show(self, lang),
        }
    }
}

/// Colours for a terminal, or none.
struct Paint {
    colour: bool,
}

impl Paint {
    fn with(&self, code: u8, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with(1, text)
    }

    fn red(&self, text: &str) -> String {
        self.with(31, text)
    }

    fn green(&self, text: &str) -> String {
        self.with(32, text)
    }

    fn grey(&self, text: &str) -> String {
        self.with(90, text)
    }
}
