//! A service as the process that users start.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{Client, PATIENCE, eventually};

/// A running binary, its logs gathered. Dropping it kills it.
#[derive(Debug)]
pub struct Binary {
    child: Child,
    logs: Arc<Mutex<String>>,
    gatherer: Option<JoinHandle<()>>,
}

impl Binary {
    /// Starts a binary with these arguments, in this environment and no other.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(exe, arguments, environment)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{exe}: {error}"));
        let logs = Arc::new(Mutex::new(String::new()));
        let (stderr, gathered) = (child.stderr.take().expect("piped"), Arc::clone(&logs));
        let gatherer = thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut logs = gathered.lock().expect("no panic while locked");
                logs.push_str(&line);
                logs.push('\n');
            }
        });
        Self { child, logs, gatherer: Some(gatherer) }
    }

    /// What it wrote to standard error so far.
    ///
    /// # Panics
    /// Never.
    pub fn logs(&self) -> String {
        self.logs.lock().expect("no panic while locked").clone()
    }

    /// The addresses of its services, by name, once `count` of them are ready.
    ///
    /// # Panics
    /// If they never are, or the process ends first.
    pub fn addresses(&mut self, count: usize) -> Vec<(String, SocketAddr)> {
        eventually("the services are ready", || {
            let ready: Vec<_> = self.logs().lines().filter_map(ready_line).collect();
            if ready.len() < count
                && let Ok(Some(status)) = self.child.try_wait()
            {
                panic!("ended with {status}: {}", self.logs());
            }
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

    /// Waits until the process has ended and its logs are whole.
    ///
    /// # Panics
    /// If it does not.
    pub fn ended(&mut self) -> ExitStatus {
        let status = eventually("the process ends", || self.child.try_wait().expect("it is our child"));
        self.gatherer.take().map(JoinHandle::join);
        status
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
    let mut command = command(exe, arguments, environment);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
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
