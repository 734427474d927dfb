//! A shell that runs one command after another.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

use tempfile::TempDir;

/// A running shell.
#[derive(Debug)]
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: Receiver<String>,
    patience: Duration,
    _curl_home: TempDir,
}

/// Printed after the output of each command; no output contains this line.
const END: &str = "=== end of the output ===";
/// Many times what the longest command prints, the build of the images.
const MOST_LINES: usize = 100_000;
/// More than that build takes on a busy machine.
const LONGEST_COMMAND: Duration = Duration::from_secs(40 * 60);

impl Shell {
    /// Starts a shell in this folder. `patience` is the longest wait for the next line of a command.
    pub fn start(folder: &Path, patience: Duration) -> Self {
        // On a terminal curl prints no progress meter; here its output is a pipe.
        let curl_home = tempfile::tempdir().expect("a folder");
        fs::write(curl_home.path().join(".curlrc"), "no-progress-meter\n").expect("the folder is ours");
        let mut child = Command::new("/bin/sh")
            .current_dir(folder)
            .env("CURL_HOME", curl_home.path())
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
        let mut shell = Self { child, input, output, patience, _curl_home: curl_home };
        shell.run("exec 2>&1");
        shell
    }

    /// Runs a command and returns the lines of its output.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        self.try_run(command).unwrap_or_else(|lines| panic!("`{command}` does not end: {lines:?}"))
    }

    /// Runs a command and returns the lines of its output.
    ///
    /// # Errors
    /// Returns the lines so far if the command does not end in time. The shell cannot be used after that.
    pub fn try_run(&mut self, command: &str) -> Result<Vec<String>, Vec<String>> {
        // The command's standard input is empty: it must not read the next command.
        writeln!(self.input, "{{ {command}\n}} </dev/null\nprintf '\\n%s\\n' '{END}'")
            .expect("the shell runs");
        let mut lines = Vec::new();
        let start = Instant::now();
        loop {
            if start.elapsed() > LONGEST_COMMAND || lines.len() > MOST_LINES {
                return Err(lines);
            }
            match self.output.recv_timeout(self.patience) {
                Ok(line) if line == END => break,
                Ok(line) => lines.push(line),
                Err(_) => return Err(lines),
            }
        }
        // The line feed before the end mark is part of the `printf` above.
        if lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        Ok(lines)
    }

    /// Checks that a program is installed.
    pub fn require(&mut self, program: &str) {
        let found = self.run(&format!("command -v {program}"));
        assert!(!found.is_empty(), "{program} is needed to run the commands of the page: install it");
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
