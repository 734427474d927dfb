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

/// The variables that hold the services' addresses, and the ports that pages show.
const LISTEN: [(&str, u16); 3] = [("AUTH_LISTEN", 5003), ("PERSON_LISTEN", 5001), ("HEALTH_LISTEN", 5002)];
/// Below the range from which the system takes ports for outgoing connections: no other program takes the port of a
/// service while a page has stopped that service.
const PORTS: std::ops::Range<u64> = 10_000..30_000;
/// The limit of a command: one may wait until a token has expired, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running services.
pub(crate) struct Services {
    /// The working directory of the commands.
    folder: PathBuf,
    /// The address of each service in [`LISTEN`].
    addresses: [String; 3],
    /// The folder of services that were started for this page, and end with it.
    temporary: Option<TempDir>,
}

impl Services {
    /// Starts new services on free ports, in a temporary folder with a link to `scripts/`.
    pub(crate) fn start(project: &Path) -> Result<Self, String> {
        let temporary =
            tempfile::tempdir().map_err(|error| format!("cannot create a temporary folder: {error}"))?;
        symlink(project.join("scripts"), temporary.path().join("scripts"))
            .map_err(|error| format!("cannot link to scripts/: {error}"))?;
        let addresses = free_ports().map(|port| format!("127.0.0.1:{port}"));
        let services = Self { folder: temporary.path().to_owned(), addresses, temporary: Some(temporary) };
        services.command("scripts/start").map(|()| services)
    }

    /// Uses the services that run already.
    pub(crate) fn running() -> Result<Self, String> {
        let folder = env::current_dir().map_err(|error| error.to_string())?;
        let address = |(name, port)| env::var(name).unwrap_or_else(|_| format!("127.0.0.1:{port}"));
        Ok(Self { folder, addresses: LISTEN.map(address), temporary: None })
    }

    /// Starts a shell for the commands of a page in this language, in which the scripts then answer.
    pub(crate) fn shell(&self, language: &str) -> Shell {
        let mut shell = Shell::start(&self.folder, PATIENCE);
        for program in ["curl", "jq"] {
            shell.require(program);
        }
        shell.run(&format!("export LANGUAGE={language}"));
        for (name, address) in self.variables() {
            shell.run(&format!("export {name}={address}"));
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
        let mut command = Command::new(self.folder.join(command));
        // Its messages go to the terminal: the first start compiles for minutes.
        let status = command.current_dir(&self.folder).envs(self.variables()).stdout(Stdio::null()).status();
        let status = status.map_err(|error| format!("{command:?}: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        if self.temporary.is_some()
            && let Err(error) = self.command("scripts/stop")
        {
            eprintln!("{error}");
        }
    }
}

fn free_ports() -> [u16; 3] {
    let random = RandomState::new();
    let drawn = (0u64..).map(|draw| PORTS.start + random.hash_one(draw) % (PORTS.end - PORTS.start));
    let free = drawn
        .filter_map(|port| u16::try_from(port).ok())
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let mut seen = BTreeSet::new();
    let mut distinct = free.filter(|port| seen.insert(*port));
    [(); 3].map(|()| distinct.next().expect("the sequence is endless"))
}
