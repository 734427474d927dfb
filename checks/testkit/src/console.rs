//! Runs the commands of a page as its reader would, and compares their output with the page.
//!
//! Only blocks fenced as `console` that follow a mark, `<!-- run -->`, `<!-- run: docker -->` or `<!-- run: flask -->`, are
//! run. In a block, a line that begins with `$ ` is a command (a `\` at its end continues it on the next line), and the
//! lines up to the next command are its expected output; `…` matches any text within a line. All commands of a page
//! run in one shell, so that variables persist.

mod shell;

use std::path::Path;
use std::{fs, io};

pub use shell::Shell;

/// The mark before a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The block is run.
    Run,
    /// The block is run if Docker is available.
    RunInDocker,
    /// The block is run if Flask is available.
    RunWithFlask,
}

impl Mark {
    /// Returns the mark as it stands on a page.
    pub fn text(self) -> &'static str {
        match self {
            Self::Run => "<!-- run -->",
            Self::RunInDocker => "<!-- run: docker -->",
            Self::RunWithFlask => "<!-- run: flask -->",
        }
    }
}

/// A document with commands in it.
#[derive(Debug)]
pub struct Page {
    /// The name of the page in messages.
    pub name: String,
    /// The text, in Markdown.
    pub text: String,
}

/// A command and its expected output.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// The line of the page that holds the command.
    pub line: usize,
    /// The command.
    pub command: String,
    /// The lines of the expected output.
    pub expected: Vec<String>,
}

impl Page {
    /// Reads a page, named by its path.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(Self { name: path.display().to_string(), text: fs::read_to_string(path)? })
    }

    /// Returns the language of the page: that of a folder `fr` or an ending `.fr.md` is French.
    pub fn language(&self) -> &'static str {
        if self.name.split('/').any(|part| part == "fr") || self.name.ends_with(".fr.md") {
            "fr"
        } else {
            "en"
        }
    }

    /// Returns the steps of the blocks with this mark.
    pub fn steps(&self, mark: Mark) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut lines = (1..).zip(self.text.lines());
        while let Some((number, line)) = lines.next() {
            if line.trim() != mark.text() {
                continue;
            }
            let next = lines.find(|(_, line)| !line.trim().is_empty());
            assert!(
                next.is_some_and(|(_, line)| line == "```console"),
                "{}:{number}: no console block follows {}",
                self.name,
                mark.text()
            );
            let block_begins = steps.len();
            let mut continues = false;
            for (number, line) in lines.by_ref().take_while(|(_, line)| *line != "```") {
                if continues {
                    let step = steps.last_mut().expect("a command continues");
                    step.command.push('\n');
                    step.command.push_str(line);
                    continues = line.ends_with('\\');
                } else if let Some(command) = line.strip_prefix("$ ") {
                    steps.push(Step { line: number, command: command.to_owned(), expected: Vec::new() });
                    continues = command.ends_with('\\');
                } else {
                    assert!(
                        steps.len() > block_begins,
                        "{}:{number}: a block begins with a command",
                        self.name
                    );
                    steps.last_mut().expect("a command came before").expected.push(line.to_owned());
                }
            }
        }
        steps
    }

    /// Runs the steps of the blocks with this mark, and returns a message for each whose output differs.
    ///
    /// `replaced` maps texts of the page, such as ports, to their values in this run.
    pub fn faults(&self, mark: Mark, shell: &mut Shell, replaced: &[(String, String)]) -> Vec<String> {
        let steps = self.steps(mark);
        assert!(!steps.is_empty(), "{}: no console block follows {}", self.name, mark.text());
        let mut faults = Vec::new();
        for Step { line, command, expected } in steps {
            let real = replaced
                .iter()
                .fold(command.clone(), |text, (documented, real)| text.replace(documented, real));
            let as_documented = |text: String| {
                replaced.iter().fold(text, |text, (documented, real)| text.replace(real, documented))
            };
            let (printed, ended) = match shell.try_run(&real) {
                Ok(lines) => (lines, true),
                Err(mut lines) => {
                    lines.push("(it does not end; the remaining commands were not run)".to_owned());
                    (lines, false)
                }
            };
            let actual: Vec<String> = printed.into_iter().map(as_documented).collect();
            if !ended || !all_match(&expected, &actual) {
                let (expected, actual) = (expected.join("\n"), actual.join("\n"));
                faults.push(format!(
                    "{}:{line}: $ {command}\n--- expected\n{expected}\n--- printed\n{actual}",
                    self.name
                ));
            }
            if !ended {
                break;
            }
        }
        faults
    }
}

/// Returns whether a line is as expected; `…` matches any text.
pub fn matches(expected: &str, actual: &str) -> bool {
    let Some((before, after)) = expected.split_once('…') else { return expected == actual };
    let Some(rest) = actual.strip_prefix(before) else { return false };
    let mut ends = rest.char_indices().map(|(end, _)| end).chain([rest.len()]);
    ends.any(|start| matches(after, &rest[start..]))
}

/// Returns whether all lines are as expected, ignoring white space at the ends of lines and empty lines at the end.
pub fn all_match(expected: &[String], actual: &[String]) -> bool {
    let trimmed = |lines: &[String]| -> Vec<String> {
        let mut lines: Vec<String> = lines.iter().map(|line| line.trim_end().to_owned()).collect();
        lines.truncate(lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1));
        lines
    };
    let (expected, actual) = (trimmed(expected), trimmed(actual));
    expected.len() == actual.len()
        && expected.iter().zip(&actual).all(|(expected, actual)| matches(expected, actual))
}
