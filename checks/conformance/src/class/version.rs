//! Starts and stops one version: with Docker Compose, or with its `start` script.

use std::fs::{self, File};
use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::NO_START;
use crate::http::{Client, Request};
use crate::plan::Plan;
use crate::text::{Text, formatted};

/// A first build of images may download a lot; a service itself starts in seconds.
const LONGEST_START: Duration = Duration::from_secs(60);
/// A service that does not end on SIGTERM by then is killed.
const LONGEST_STOP: Duration = Duration::from_secs(5);
/// Longer than Python takes to import Flask.
const LONGEST_AUTH: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(100);
const CONNECT: Duration = Duration::from_millis(500);
const COMPOSE_FILES: [&str; 4] = ["compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml"];
/// Marks the processes of a version in their environment, also those that leave its process group.
const MARK: &str = "CONFORMANCE_VERSION";

/// A running version.
#[derive(Debug)]
pub struct Version {
    folder: PathBuf,
    log: PathBuf,
    /// The `start` script; `None` with Compose.
    script: Option<Child>,
}

impl Version {
    /// Starts the version in a folder, and waits until person and health accept connections from outside.
    ///
    /// # Errors
    /// Returns the reason if it does not start.
    pub fn start(folder: &Path, plan: &Plan, log: &Path) -> Result<Self, Text> {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let mut version = Self { folder, log: log.to_owned(), script: None };
        let failed = |error: io::Error| {
            formatted(format!("cannot start: {error}"), format!("ne démarre pas : {error}"))
        };
        if COMPOSE_FILES.iter().any(|name| version.folder.join(name).is_file()) {
            if !version.compose(&["up", "--build", "--detach"]) {
                let reason = version.ended("docker compose up");
                version.stop();
                return Err(reason);
            }
        } else {
            let start = version.folder.join("start");
            if !fs::metadata(&start).is_ok_and(|it| it.is_file() && is_executable(&it)) {
                return Err(NO_START);
            }
            let output = File::create(log).map_err(failed)?;
            let errors = output.try_clone().map_err(failed)?;
            let child = Command::new(&start)
                .current_dir(&version.folder)
                .env(MARK, version.folder.as_os_str())
                .stdin(Stdio::null())
                .stdout(output)
                .stderr(errors)
                .spawn();
            version.script = Some(child.map_err(failed)?);
        }
        version.wait(plan).map(|()| version)
    }

    /// Returns the shell command that restarts a version of Compose.
    pub fn restart_command(&self) -> Option<String> {
        let restart = format!("docker compose --project-directory '{}' restart", self.folder.display());
        self.script.is_none().then_some(restart)
    }

    fn wait(&mut self, plan: &Plan) -> Result<(), Text> {
        let deadline = Instant::now() + LONGEST_START;
        loop {
            let missing = [&plan.person, &plan.health].into_iter().flatten().find(|url| !answers(url));
            let Some(missing) = missing else {
                self.wait_for_auth(plan);
                return Ok(());
            };
            let is_over = match &mut self.script {
                // A script may start its services and end with 0.
                Some(script) => {
                    script.try_wait().is_ok_and(|status| status.is_some_and(|status| !status.success()))
                }
                None => false,
            };
            // Docker accepts for a service that listens in its container only: the checks say what that means.
            if self.script.is_none() && Instant::now() > deadline && is_in_use(missing) {
                return Ok(());
            }
            if is_over || Instant::now() > deadline {
                let reason = if is_over {
                    self.ended("start")
                } else {
                    formatted(
                        format!("it did not start: nothing answers at {missing} from outside"),
                        format!("elle n'a pas démarré : rien ne répond de l'extérieur sur {missing}"),
                    )
                };
                self.end();
                return Err(reason);
            }
            thread::sleep(POLL);
        }
    }

    /// Waits a moment for the auth service, which some versions start last and others do not have.
    fn wait_for_auth(&self, plan: &Plan) {
        let deadline = Instant::now() + LONGEST_AUTH;
        let auths: Vec<_> = plan.auth.iter().chain(&plan.auth_guesses).collect();
        while !auths.iter().any(|url| is_in_use(url)) && Instant::now() < deadline {
            thread::sleep(POLL);
        }
    }

    fn ended(&self, what: &str) -> Text {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        formatted(
            format!("it did not start: {what} failed: {last}"),
            format!("elle n'a pas démarré : {what} a échoué : {last}"),
        )
    }

    /// Runs a command of Compose. Its output goes to the log.
    fn compose(&self, arguments: &[&str]) -> bool {
        let Ok(output) = File::options().create(true).append(true).open(&self.log) else { return false };
        let Ok(errors) = output.try_clone() else { return false };
        let mut command = Command::new("docker");
        command.arg("compose").arg("--project-directory").arg(&self.folder).args(arguments);
        command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Stops it, with everything that it started.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let Some(mut script) = self.script.take() else {
            self.compose(&["down", "--volumes", "--timeout", "5"]);
            return;
        };
        let deadline = Instant::now() + LONGEST_STOP;
        let mut signal = "-TERM";
        // Collects the exit status of the script, so that it does not count as running.
        while script.try_wait().is_ok() {
            let running = self.processes();
            if running.is_empty() {
                return;
            }
            if Instant::now() > deadline {
                signal = "-KILL";
            }
            // Every shell has this command built in; as a program it is missing on small systems.
            let mut kill = Command::new("sh");
            kill.args(["-c", "kill \"$@\"", "sh", signal]).args(&running).stderr(Stdio::null());
            let _ = kill.status();
            thread::sleep(POLL);
        }
    }

    /// Returns the ids of its processes, which carry the mark.
    fn processes(&self) -> Vec<String> {
        let mark = [MARK.as_bytes(), b"=", self.folder.as_os_str().as_encoded_bytes()].concat();
        let is_marked = |id: &String| {
            let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == mark)
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().into_string().ok());
        ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).filter(is_marked).collect()
    }
}

/// Waits a moment until nothing listens at the addresses of person, health and a given auth service.
///
/// # Errors
/// Returns the address that is in use.
pub(super) fn wait_until_free(plan: &Plan) -> Result<(), Text> {
    let deadline = Instant::now() + LONGEST_STOP;
    while let Some(url) = in_use(plan) {
        if Instant::now() > deadline {
            return Err(formatted(format!("{url} is in use"), format!("{url} est occupé")));
        }
        thread::sleep(POLL);
    }
    Ok(())
}

/// Returns an address of the plan at which something listens.
pub(super) fn in_use(plan: &Plan) -> Option<String> {
    [&plan.person, &plan.health, &plan.auth].into_iter().flatten().find(|url| is_in_use(url)).cloned()
}

/// Whether a server answers at a URL.
fn answers(url: &str) -> bool {
    Client::new(CONNECT)
        .send(Request { method: "GET".to_owned(), url: url.to_owned(), headers: Vec::new(), body: None })
        .status()
        .is_some()
}

/// Whether something listens at the address of a URL.
pub(super) fn is_in_use(url: &str) -> bool {
    let address = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let address = if address.contains(':') { address.to_owned() } else { format!("{address}:80") };
    let addresses = address.to_socket_addrs().into_iter().flatten();
    addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, CONNECT).is_ok())
}

/// Whether a file may be run as a program.
#[cfg(unix)]
fn is_executable(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o111 != 0
}

/// Windows knows only when it tries.
#[cfg(not(unix))]
fn is_executable(_file: &fs::Metadata) -> bool {
    true
}
