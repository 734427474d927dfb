//! The lab as the process that users start.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use testkit::{Binary, Ended};

use crate::users::Services;

const EXE: &str = env!("CARGO_BIN_EXE_lab");
pub(crate) const FREE_PORTS: [&str; 3] = ["--auth-port=0", "--person-port=0", "--health-port=0"];

/// A folder to start the lab in, which creates its folder `data` there.
pub(crate) struct LabDir(TempDir);

impl LabDir {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// The path of a file in this folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Starts the lab on free ports and waits until it is ready.
    pub(crate) fn serve(&self) -> LabProcess {
        self.serve_with(&FREE_PORTS)
    }

    /// Starts the lab with these arguments and waits until it is ready.
    pub(crate) fn serve_with(&self, arguments: &[&str]) -> LabProcess {
        let (shell, arguments) = self.in_folder(arguments);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut binary = Binary::start(shell, &arguments, &[]);
        let services = binary.shows("the lab is ready", |binary| printed_addresses(&binary.output()));
        LabProcess { binary, services }
    }

    /// Runs the lab to its end with these arguments and variables.
    pub(crate) fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let (shell, arguments) = self.in_folder(arguments);
        testkit::run(shell, &arguments.iter().map(String::as_str).collect::<Vec<_>>(), environment)
    }

    /// Returns the command that runs the lab in this folder. The shell replaces itself with the lab, so signals to the
    /// one reach the other.
    fn in_folder(&self, arguments: &[&str]) -> (&'static str, Vec<String>) {
        let folder = self.0.path().to_str().expect("a temporary folder has a name in UTF-8");
        let script = ["-c", "cd \"$0\" && exec \"$@\"", folder, EXE];
        ("/bin/sh", script.iter().chain(arguments).map(|&argument| argument.to_owned()).collect())
    }
}

/// A lab that is ready.
pub(crate) struct LabProcess {
    pub(crate) binary: Binary,
    pub(crate) services: Services,
}

impl LabProcess {
    /// Returns the lines of the log that match. Every line must be JSON.
    pub(crate) fn log_lines(&self, matches: impl Fn(&Value) -> bool) -> Vec<Value> {
        let logs = self.binary.logs();
        let lines = logs.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
        lines.filter(matches).collect()
    }

    /// Sends SIGTERM and waits for a clean end.
    pub(crate) fn stop(mut self) {
        self.binary.signal("TERM");
        assert_eq!(self.binary.ended().code(), Some(0), "{}", self.binary.logs());
    }
}

/// Returns the addresses in the welcome message, once all of it is printed.
fn printed_addresses(output: &str) -> Option<Services> {
    output.contains("/docs.\n").then_some(())?;
    let address = |name: &str| -> SocketAddr {
        let mut words = output.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let line = words.find(|words| words.first() == Some(&name)).expect("a line for each service");
        line[1].strip_prefix("http://").and_then(|address| address.parse().ok()).expect("a URL")
    };
    Some(Services { auth: address("auth"), person: address("person"), health: address("health") })
}
