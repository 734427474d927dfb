//! The three services that a page's commands call.

use std::collections::BTreeSet;
use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use testkit::console::Shell;

use crate::flask::Flask;

/// The variables that hold the services' addresses, and the ports that pages show. At the last one `conformance` plays
/// person.
const LISTEN: [(&str, u16); 4] =
    [("AUTH_LISTEN", 5003), ("PERSON_LISTEN", 5001), ("HEALTH_LISTEN", 5002), ("PLAY_LISTEN", 5011)];
/// Below the range from which the system takes ports for outgoing connections: no other program takes the port of a
/// service while a page has stopped that service.
const PORTS: std::ops::Range<u64> = 10_000..30_000;
/// The limit of a command: one may wait until a token has expired, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// The limit of a command on a page about the lab in Flask: one prints nothing until all checks of the grid are done.
const LONG_PATIENCE: Duration = Duration::from_secs(240);

/// The running services.
pub(crate) struct Services {
    /// The working directory of the commands.
    folder: PathBuf,
    /// The address of each service in [`LISTEN`].
    addresses: [String; 4],
    /// The folder of services that were started for this page or by it, and end with it.
    temporary: Option<TempDir>,
    /// The programs of a page about the lab in Flask.
    flask: Option<Flask>,
}

impl Services {
    /// Starts new services on free ports, in a temporary folder with a link to `scripts/`.
    pub(crate) fn start(project: &Path) -> Result<Self, String> {
        let services = Self::in_new_folder(project, &["scripts"], None)?;
        services.command("scripts/start").map(|()| services)
    }

    /// Starts nothing: the commands of the page start the lab in Flask, from `docs/`.
    pub(crate) fn of_page(project: &Path) -> Result<Self, String> {
        let services = Self::in_new_folder(project, &["scripts", "docs"], Some(Flask::install(project)?))?;
        // Compiles our services now, so that no command of the page does and says so.
        services.command("scripts/auth --help").map(|()| services)
    }

    fn in_new_folder(project: &Path, links: &[&str], flask: Option<Flask>) -> Result<Self, String> {
        let temporary =
            tempfile::tempdir().map_err(|error| format!("cannot create a temporary folder: {error}"))?;
        for name in links {
            symlink(project.join(name), temporary.path().join(name))
                .map_err(|error| format!("cannot link to {name}/: {error}"))?;
        }
        let addresses = free_ports().map(|port| format!("127.0.0.1:{port}"));
        Ok(Self { folder: temporary.path().to_owned(), addresses, temporary: Some(temporary), flask })
    }

    /// Uses the services that run already.
    pub(crate) fn running() -> Result<Self, String> {
        let folder = env::current_dir().map_err(|error| error.to_string())?;
        let address = |(name, port)| env::var(name).unwrap_or_else(|_| format!("127.0.0.1:{port}"));
        Ok(Self { folder, addresses: LISTEN.map(address), temporary: None, flask: None })
    }

    /// Starts a shell for the commands of a page in this language, in which the scripts then answer.
    pub(crate) fn shell(&self, language: &str) -> Shell {
        let patience = if self.flask.is_some() { LONG_PATIENCE } else { PATIENCE };
        let mut shell = Shell::start(&self.folder, patience);
        for program in ["curl", "jq"] {
            shell.require(program);
        }
        shell.run(&format!("export LANGUAGE={language}"));
        for (name, address) in self.variables() {
            shell.run(&format!("export {name}={address}"));
        }
        for export in self.flask.iter().flat_map(Flask::exports) {
            shell.run(&export);
        }
        shell
    }

    /// Returns the ports that pages show, each with its port in this run.
    pub(crate) fn replaced(&self) -> Vec<(String, String)> {
        let port = |address: &str| address.rsplit_once(':').map(|(_, port)| format!(":{port}"));
        let real = self.addresses.iter().filter_map(|address| port(address));
        LISTEN.iter().map(|(_, documented)| format!(":{documented}")).zip(real).collect()
    }

    fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        LISTEN.iter().map(|(name, _)| *name).zip(self.addresses.iter().map(String::as_str))
    }

    fn command(&self, command: &str) -> Result<(), String> {
        let mut shell = Command::new("sh");
        // Its messages go to the terminal: the first start compiles for minutes.
        shell.args(["-c", command]).current_dir(&self.folder).envs(self.variables()).stdout(Stdio::null());
        let status = shell.status().map_err(|error| format!("{command}: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("{command}: {status}")) }
    }
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let message = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {message}")) }
}

impl Drop for Services {
    fn drop(&mut self) {
        if self.temporary.is_some()
            // The lab in Flask has a `stop` of its own.
            && let Err(error) = self.command("for stop in */stop; do $stop; done")
        {
            eprintln!("{error}");
        }
    }
}

fn free_ports() -> [u16; 4] {
    let random = RandomState::new();
    let drawn = (0u64..).map(|draw| PORTS.start + random.hash_one(draw) % (PORTS.end - PORTS.start));
    let free = drawn
        .filter_map(|port| u16::try_from(port).ok())
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let mut seen = BTreeSet::new();
    let mut distinct = free.filter(|port| seen.insert(*port));
    [(); 4].map(|()| distinct.next().expect("the sequence is endless"))
}
