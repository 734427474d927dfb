//! Runs the commands of a document as its reader would, and compares what they print.
//!
//! A block counts where it is fenced as `console` and stands after the comment `<!-- run -->`. In it a line that
//! begins with `$ ` is a command (a `\` at its end goes on in the next line), and the lines up to the next
//! command are what it prints; `…` stands for any text within a line. All commands of a document are run in one
//! shell, so that variables last.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

const MARK: &str = "<!-- run -->";

/// A command, and what it is expected to print.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Where in the document it stands.
    pub line: usize,
    /// What is run.
    pub command: String,
    /// The lines that it is expected to print.
    pub expected: Vec<String>,
}

/// The steps of a document.
///
/// # Panics
/// If a block prints before its first command, or the mark has no block.
pub fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = (1..).zip(document.lines());
    while let Some((number, line)) = lines.next() {
        if line.trim() != MARK {
            continue;
        }
        let next = lines.find(|(_, line)| !line.trim().is_empty());
        assert!(
            next.is_some_and(|(_, line)| line == "```console"),
            "line {number}: no console block follows {MARK}"
        );
        let block_begins = steps.len();
        let mut goes_on = false;
        for (number, line) in lines.by_ref().take_while(|(_, line)| *line != "```") {
            if goes_on {
                let step = steps.last_mut().expect("a command goes on");
                step.command.push('\n');
                step.command.push_str(line);
                goes_on = line.ends_with('\\');
            } else if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step { line: number, command: command.to_owned(), expected: Vec::new() });
                goes_on = command.ends_with('\\');
            } else {
                assert!(steps.len() > block_begins, "line {number}: a block begins with a command");
                steps.last_mut().expect("a command came before").expected.push(line.to_owned());
            }
        }
    }
    steps
}

/// Whether a line is as expected, `…` standing for any text.
pub fn matches(expected: &str, actual: &str) -> bool {
    let Some((before, after)) = expected.split_once('…') else { return expected == actual };
    let Some(rest) = actual.strip_prefix(before) else { return false };
    let mut ends = rest.char_indices().map(|(end, _)| end).chain([rest.len()]);
    ends.any(|start| matches(after, &rest[start..]))
}

/// Whether all lines are as expected; white space at the ends of lines and of the whole does not count.
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

/// Runs all steps of a document, and returns those that printed something else, and what.
///
/// `replaced` are texts of the document, such as ports, and what stands for them in this run.
///
/// # Panics
/// If there is nothing to run, or a command does not end.
pub fn faults(document: &str, shell: &mut Shell, replaced: &[(String, String)]) -> Vec<String> {
    let steps = steps(document);
    assert!(!steps.is_empty(), "no command is run: there is no console block after {MARK}");
    let mut faults = Vec::new();
    for Step { line, command, expected } in steps {
        let real =
            replaced.iter().fold(command.clone(), |text, (documented, real)| text.replace(documented, real));
        let as_documented = |text: String| {
            replaced.iter().fold(text, |text, (documented, real)| text.replace(real, documented))
        };
        let actual: Vec<String> = shell.run(&real).into_iter().map(as_documented).collect();
        if !all_match(&expected, &actual) {
            let (expected, actual) = (expected.join("\n"), actual.join("\n"));
            faults.push(format!("line {line}: $ {command}\n--- expected\n{expected}\n--- printed\n{actual}"));
        }
    }
    faults
}

/// A shell that stays.
#[derive(Debug)]
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: Receiver<String>,
    patience: Duration,
}

/// Follows the output of each command, which has no such line.
const END: &str = "=== end of the output ===";

impl Shell {
    /// Starts one in this folder; each command has so much time.
    ///
    /// # Panics
    /// If there is no shell.
    pub fn start(folder: &Path, patience: Duration) -> Self {
        // On a terminal curl shows no progress, as the answer goes there too.
        fs::write(folder.join(".curlrc"), "no-progress-meter\n").expect("the folder is ours");
        let mut child = Command::new("/bin/sh")
            .current_dir(folder)
            .env("CURL_HOME", folder)
            .env("NO_PROXY", "*")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = child.stdin.take().expect("piped");
        let (lines, output) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
        let mut shell = Self { child, input, output, patience };
        shell.run("exec 2>&1");
        shell
    }

    /// Runs a command to its end; gives the lines that it prints.
    ///
    /// # Panics
    /// If it does not end.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        // The command's own input is empty, as it must not read the next command.
        writeln!(self.input, "{{ {command}\n}} </dev/null\nprintf '\\n%s\\n' '{END}'")
            .expect("the shell is there");
        let next = || {
            let line = self.output.recv_timeout(self.patience);
            Some(line.unwrap_or_else(|error| panic!("`{command}` {error}"))).filter(|line| line != END)
        };
        let mut lines: Vec<String> = std::iter::from_fn(next).collect();
        // The mark stands on a line of its own; the line feed before it is ours.
        if lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Checks that a program is there.
    ///
    /// # Panics
    /// If it is not.
    pub fn require(&mut self, program: &str) {
        let found = self.run(&format!("command -v {program}"));
        assert!(!found.is_empty(), "{program} is needed to run the commands of the document: install it");
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
