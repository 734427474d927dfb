//! The lab as the process that users start, in a folder of its own.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use testkit::{Binary, Ended};

use crate::users::Services;

const EXE: &str = env!("CARGO_BIN_EXE_lab");
const FREE_PORTS: [&str; 3] = ["--auth-port=0", "--person-port=0", "--health-port=0"];

/// A folder in which the lab is started: its `data` comes to lie there.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// The path of a file here.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Starts the lab on free ports and waits until it is ready.
    pub(crate) fn serve(&self) -> Serving {
        let mut binary = self.start(&FREE_PORTS);
        let services = binary.shows("the lab is ready", |binary| welcomed(&binary.output()));
        Serving { binary, services }
    }

    /// Starts the lab with these arguments.
    pub(crate) fn start(&self, arguments: &[&str]) -> Binary {
        let (shell, arguments) = self.begun_here(arguments);
        Binary::start(shell, &arguments.iter().map(String::as_str).collect::<Vec<_>>(), &[])
    }

    /// Runs the lab to its end with these arguments and these variables.
    pub(crate) fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let (shell, arguments) = self.begun_here(arguments);
        testkit::run(shell, &arguments.iter().map(String::as_str).collect::<Vec<_>>(), environment)
    }

    /// Runs the lab on free ports to its end: it is expected to refuse.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Ended {
        self.run(&[&FREE_PORTS, arguments].concat(), &[])
    }

    /// The shell becomes the lab once it is in the folder: signals to the one go to the other.
    fn begun_here(&self, arguments: &[&str]) -> (&'static str, Vec<String>) {
        let folder = self.0.path().to_str().expect("a temporary folder is named in text");
        let script = ["-c", "cd \"$0\" && exec \"$@\"", folder, EXE];
        ("/bin/sh", script.iter().chain(arguments).map(|&argument| argument.to_owned()).collect())
    }
}

/// A lab that is ready.
pub(crate) struct Serving {
    pub(crate) binary: Binary,
    pub(crate) services: Services,
}

impl Serving {
    /// The lines of the log, all of them JSON, that `wanted` wants.
    pub(crate) fn log_lines(&self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let logs = self.binary.logs();
        let lines = logs.lines().map(|line| serde_json::from_str(line).expect("a line of the log is JSON"));
        lines.filter(wanted).collect()
    }

    /// Tells it to stop and waits until it has.
    pub(crate) fn stop(mut self) {
        self.binary.signal("TERM");
        assert_eq!(self.binary.ended().code(), Some(0), "{}", self.binary.logs());
    }
}

/// The addresses in what the lab prints when it is ready.
fn welcomed(output: &str) -> Option<Services> {
    // Its last line; before that what is there may be half of it.
    output.contains("/register --json").then_some(())?;
    let address = |name: &str| -> SocketAddr {
        let mut words = output.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let line = words.find(|words| words.first() == Some(&name)).expect("a line for each service");
        line[1].strip_prefix("http://").and_then(|address| address.parse().ok()).expect("a URL")
    };
    Some(Services { auth: address("auth"), person: address("person"), health: address("health") })
}
