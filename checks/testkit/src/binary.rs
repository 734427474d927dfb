//! A service as a separate process, started as users start it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Client, PATIENCE, eventually};

/// A running binary and its output so far. Dropping it kills the process.
#[derive(Debug)]
pub struct Binary {
    child: Child,
    output: Output,
    logs: Output,
}

impl Binary {
    /// Starts a binary with these arguments; its environment holds only these variables.
    pub fn start(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(exe, arguments, environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{exe}: {error}"));
        let output = Output::from(child.stdout.take().expect("piped"));
        let logs = Output::from(child.stderr.take().expect("piped"));
        Self { child, output, logs }
    }

    /// Returns the standard output so far.
    pub fn output(&self) -> String {
        self.output.so_far()
    }

    /// Returns the standard error so far.
    pub fn logs(&self) -> String {
        self.logs.so_far()
    }

    /// Waits until `find` returns a value for the output so far, and returns that value; panics if the process ends first.
    pub fn shows<T>(&mut self, what: &str, find: impl Fn(&Self) -> Option<T>) -> T {
        eventually(what, || {
            let found = find(self);
            if found.is_none()
                && let Ok(Some(status)) = self.child.try_wait()
            {
                panic!("{what}: the process ended with {status}: {}", self.logs());
            }
            found
        })
    }

    /// Waits until the service is ready, and returns a client without a token.
    pub fn client(&mut self) -> Client {
        let address =
            self.shows("the service is ready", |binary| binary.logs().lines().find_map(ready_address));
        Client::new(address)
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -s {name} {}", self.id());
        assert!(Command::new("/bin/sh").args(["-c", &kill]).status().expect("a shell").success());
    }

    /// Waits until the process has ended and all of its output is read.
    pub fn ended(&mut self) -> ExitStatus {
        let status = eventually("the process ends", || self.child.try_wait().expect("it is our child"));
        eventually("all output is read", || (self.output.is_read() && self.logs.is_read()).then_some(()));
        status
    }
}

/// The text from a pipe, read line by line on a separate thread.
#[derive(Debug)]
struct Output {
    text: Arc<Mutex<String>>,
    thread: JoinHandle<()>,
}

impl Output {
    fn from(pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&text);
        let thread = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut text = written.lock().expect("no panic while locked");
                text.push_str(&line);
                text.push('\n');
            }
        });
        Self { text, thread }
    }

    fn so_far(&self) -> String {
        self.text.lock().expect("no panic while locked").clone()
    }

    /// Returns whether no process can write any more.
    fn is_read(&self) -> bool {
        self.thread.is_finished()
    }
}

fn command(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(exe);
    command.args(arguments).env_clear().env("LOG_FORMAT", "json").envs(environment.iter().copied());
    command.stdin(Stdio::null());
    command
}

/// The result of a command that has ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; `None` if a signal ended the command.
    pub code: Option<i32>,
    /// The standard output.
    pub out: String,
    /// The standard error.
    pub err: String,
}

/// Runs a binary to its end; its environment holds only these variables.
pub fn run(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    run_between(Stdio::null(), exe, arguments, environment, Stdio::piped())
}

/// Runs a binary as [`run`] does, reading from one file or pipe and writing to another.
pub fn run_between(
    input: impl Into<Stdio>,
    exe: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
    output: impl Into<Stdio>,
) -> Ended {
    let mut command = command(exe, arguments, environment);
    let child = command.stdin(input).stdout(output).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{exe}: {error}"));
    let start = Instant::now();
    while child.try_wait().expect("it is our child").is_none() && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(2));
    }
    let in_time = start.elapsed() < PATIENCE;
    // Fails if the process has ended.
    let _ = child.kill();
    let output = child.wait_with_output().expect("it is our child");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ended = Ended { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) };
    assert!(in_time, "{exe} {arguments:?} does not end: {ended:?}");
    ended
}

fn ready_address(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    line["address"].as_str().filter(|_| line["message"] == "ready")?.parse().ok()
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
