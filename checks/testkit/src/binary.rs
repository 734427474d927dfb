//! A service as the process that users start.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Client, PATIENCE, eventually};

/// A running binary, what it writes gathered. Dropping it kills it.
#[derive(Debug)]
pub struct Binary {
    child: Child,
    output: Gathered,
    logs: Gathered,
}

impl Binary {
    /// Starts a binary with these arguments, in this environment and no other.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(exe, arguments, environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{exe}: {error}"));
        let output = Gathered::from(child.stdout.take().expect("piped"));
        let logs = Gathered::from(child.stderr.take().expect("piped"));
        Self { child, output, logs }
    }

    /// What it wrote to standard output so far.
    pub fn output(&self) -> String {
        self.output.so_far()
    }

    /// What it wrote to standard error so far.
    pub fn logs(&self) -> String {
        self.logs.so_far()
    }

    /// Waits until something shows in what it wrote.
    ///
    /// # Panics
    /// If it never does, or the process ends first.
    pub fn shows<T>(&mut self, what: &str, find: impl Fn(&Self) -> Option<T>) -> T {
        eventually(what, || {
            let found = find(self);
            if found.is_none()
                && let Ok(Some(status)) = self.child.try_wait()
            {
                panic!("not seen, {what}: ended with {status}: {}", self.logs());
            }
            found
        })
    }

    /// The addresses of its services, by name, once `count` of them are ready.
    ///
    /// # Panics
    /// If they never are, or the process ends first.
    pub fn addresses(&mut self, count: usize) -> Vec<(String, SocketAddr)> {
        self.shows("the services are ready", |binary| {
            let ready: Vec<_> = binary.logs().lines().filter_map(ready_line).collect();
            (ready.len() >= count).then_some(ready)
        })
    }

    /// A client of its only service, once it is ready.
    pub fn client(&mut self) -> Client {
        Client::new(self.addresses(1)[0].1)
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, by its name without `SIG`.
    ///
    /// # Panics
    /// If there is no shell.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -s {name} {}", self.id());
        assert!(Command::new("/bin/sh").args(["-c", &kill]).status().expect("a shell").success());
    }

    /// Waits until the process has ended and all that it wrote is gathered.
    ///
    /// # Panics
    /// If it does not.
    pub fn ended(&mut self) -> ExitStatus {
        let status = eventually("the process ends", || self.child.try_wait().expect("it is our child"));
        self.output.finish();
        self.logs.finish();
        status
    }
}

/// What is read from a pipe, line by line, on a thread of its own.
#[derive(Debug)]
struct Gathered {
    text: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Gathered {
    fn from(pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let gathered = Arc::clone(&text);
        let thread = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut text = gathered.lock().expect("no panic while locked");
                text.push_str(&line);
                text.push('\n');
            }
        });
        Self { text, thread: Some(thread) }
    }

    fn so_far(&self) -> String {
        self.text.lock().expect("no panic while locked").clone()
    }

    fn finish(&mut self) {
        self.thread.take().map(JoinHandle::join);
    }
}

fn command(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(exe);
    command.args(arguments).env_clear().env("LOG_FORMAT", "json").envs(environment.iter().copied());
    command.stdin(Stdio::null());
    command
}

/// What a command that was run to its end said.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

/// Runs a binary to its end, in this environment and no other.
///
/// # Panics
/// If it does not end.
pub fn run(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    run_between(Stdio::null(), exe, arguments, environment, Stdio::piped())
}

/// The same, reading from one file or pipe and writing to another.
///
/// # Panics
/// If it does not end.
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
    // Refused where it has ended.
    let _ = child.kill();
    let output = child.wait_with_output().expect("it is our child");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let ended = Ended { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) };
    assert!(in_time, "{exe} {arguments:?} does not end: {ended:?}");
    ended
}

fn ready_line(line: &str) -> Option<(String, SocketAddr)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let ready = line["message"] == "ready";
    ready.then(|| Some((line["service"].as_str()?.to_owned(), line["address"].as_str()?.parse().ok()?)))?
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
