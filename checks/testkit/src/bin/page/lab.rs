//! The lab that a page is run in.

use std::collections::BTreeSet;
use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use testkit::console::Shell;

/// The variables that say where the services are, and their ports in pages.
const LISTEN: [(&str, u16); 3] = [("AUTH_LISTEN", 5003), ("PERSON_LISTEN", 5001), ("HEALTH_LISTEN", 5002)];
/// Below what systems give to whoever asks for any port: a service that a page stops for a while keeps its own.
const PORTS: std::ops::Range<u64> = 10_000..30_000;
/// For a command: one may wait until a token has expired, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running lab.
pub(crate) struct Lab {
    /// Where its commands are typed.
    folder: PathBuf,
    /// Where each of [`LISTEN`] is.
    addresses: [String; 3],
    /// What was started for the page and goes with it.
    own: Option<TempDir>,
}

impl Lab {
    /// Starts a new one on free ports, in a folder of its own from where a page finds `scripts/`.
    pub(crate) fn start(project: &Path) -> Result<Self, String> {
        let temporary = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let scripts = temporary.path().join("scripts");
        symlink(project.join("scripts"), scripts).map_err(|error| format!("no link to scripts: {error}"))?;
        let addresses = free_ports().map(|port| format!("127.0.0.1:{port}"));
        let lab = Self { folder: temporary.path().to_owned(), addresses, own: Some(temporary) };
        lab.command("scripts/start").map(|()| lab)
    }

    /// The one that runs.
    pub(crate) fn running() -> Result<Self, String> {
        let folder = env::current_dir().map_err(|error| error.to_string())?;
        let address = |(name, port)| env::var(name).unwrap_or_else(|_| format!("127.0.0.1:{port}"));
        Ok(Self { folder, addresses: LISTEN.map(address), own: None })
    }

    /// A shell for its commands.
    pub(crate) fn shell(&self) -> Shell {
        let mut shell = Shell::start(&self.folder, PATIENCE);
        for program in ["curl", "jq"] {
            shell.require(program);
        }
        for (name, address) in self.variables() {
            shell.run(&format!("export {name}={address}"));
        }
        shell
    }

    /// The ports of a page, and those here.
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
        let ran = command.current_dir(&self.folder).envs(self.variables()).output();
        let ran = ran.map_err(|error| format!("{command:?}: {error}"))?;
        let said = String::from_utf8_lossy(&ran.stderr);
        if ran.status.success() { Ok(()) } else { Err(format!("{command:?}: {said}")) }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.own.is_some()
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
    [(); 3].map(|()| distinct.next().expect("ports are drawn without end"))
}
