//! A service as the process that users start.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::{Client, eventually};

/// A running binary, its logs gathered. Dropping it kills it.
#[derive(Debug)]
pub struct Binary {
    child: Child,
    logs: Arc<Mutex<String>>,
}

impl Binary {
    /// Starts a binary with these arguments, in this environment and no other.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(exe: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(exe)
            .args(arguments)
            .env_clear()
            .env("LOG_FORMAT", "json")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{exe}: {error}"));
        let logs = Arc::new(Mutex::new(String::new()));
        let (stderr, gathered) = (child.stderr.take().expect("piped"), Arc::clone(&logs));
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut logs = gathered.lock().expect("no panic while locked");
                logs.push_str(&line);
                logs.push('\n');
            }
        });
        Self { child, logs }
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

    /// Waits until the process has ended.
    ///
    /// # Panics
    /// If it does not.
    pub fn ended(&mut self) -> ExitStatus {
        eventually("the process ends", || self.child.try_wait().expect("it is our child"))
    }
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
