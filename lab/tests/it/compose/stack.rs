//! A checkout, and what `docker compose` makes of it.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use testkit::Ended;
use testkit::console::Shell;

use crate::users::Services;
use crate::workspace;

/// The three services of compose.yml that go on running.
pub(crate) const SERVICES: [&str; 3] = ["auth", "person", "health"];
/// What the images are built from: it is there as soon as they are, and has a shell to look around with.
const BUILDER: &str = "rust:1.95-slim-bookworm";
/// Of whoever runs the tests; they are not to lead elsewhere.
const OTHER_SETTINGS: [&str; 3] = ["COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"];
/// For a command of a page: it may start or stop containers on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A checkout whose images are built. Dropping it takes away what Docker made of it.
pub(crate) struct Stack {
    folder: TempDir,
    /// Of auth, person and health on this machine.
    ports: [u16; 3],
}

impl Stack {
    /// A new checkout, nothing started.
    pub(crate) fn built() -> Self {
        let stack = Self::cloned();
        stack.compose(&["build"]);
        stack
    }

    /// A new checkout, started.
    pub(crate) fn up() -> Self {
        let stack = Self::built();
        stack.compose(&["up", "--wait"]);
        stack
    }

    /// A new checkout as a user has it, nothing built.
    pub(crate) fn cloned() -> Self {
        let version = Command::new("docker").args(["compose", "version"]).output();
        assert!(
            version.is_ok_and(|version| version.status.success()),
            "these tests need Docker with Compose v2; `cargo test --workspace` runs all that do not"
        );
        let folder = tempfile::Builder::new().prefix("mini-projet-").tempdir().expect("a folder");
        copy(workspace(), folder.path());
        let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
        let ports = listeners.map(|listener| listener.local_addr().expect("it listens").port());
        Self { folder, ports }
    }

    /// The path of a file of the checkout.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `docker compose` in the checkout, with success.
    #[track_caller]
    pub(crate) fn compose(&self, arguments: &[&str]) -> Ended {
        self.docker(&[&["compose"], arguments].concat())
    }

    /// Runs `docker` in the checkout, with success.
    #[track_caller]
    pub(crate) fn docker(&self, arguments: &[&str]) -> Ended {
        let ended = self.try_docker(arguments);
        assert_eq!(ended.code, Some(0), "docker {arguments:?}: {}\n{}", ended.out, ended.err);
        ended
    }

    /// Runs `docker compose` in the checkout; it is expected to refuse, and what it says is returned.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let ended = self.try_docker(&[&["compose"], arguments].concat());
        assert_ne!(ended.code, Some(0), "docker compose {arguments:?}: {}\n{}", ended.out, ended.err);
        (ended.code, ended.out + &ended.err)
    }

    fn try_docker(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new("docker");
        command.args(arguments).current_dir(self.folder.path()).envs(self.environment());
        for name in OTHER_SETTINGS {
            command.env_remove(name);
        }
        let ran = command.output().expect("docker can be run");
        let [out, err] = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        Ended { code: ran.status.code(), out, err }
    }

    /// What compose.yml is told of this checkout.
    fn environment(&self) -> [(&'static str, String); 3] {
        let [auth, person, health] = self.ports.map(|port| port.to_string());
        [("AUTH_PORT", auth), ("PERSON_PORT", person), ("HEALTH_PORT", health)]
    }

    /// Where the services answer.
    pub(crate) fn services(&self) -> Services {
        let [auth, person, health] = self.ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        Services { auth, person, health }
    }

    /// A shell in the checkout that says what Compose's commands say, without their progress.
    pub(crate) fn shell(&self) -> Shell {
        let mut shell = Shell::start(self.folder.path(), PATIENCE);
        shell.run(&format!("unset {}", OTHER_SETTINGS.join(" ")));
        for (name, value) in self.environment() {
            shell.run(&format!("export {name}={value}"));
        }
        // Where the commands of `scripts/` find the services.
        let Services { auth, person, health } = self.services();
        shell.run(&format!("export AUTH_LISTEN={auth} PERSON_LISTEN={person} HEALTH_LISTEN={health}"));
        shell.run(
            "docker() { [ \"$1\" != compose ] || { shift; set -- compose --progress quiet \"$@\"; }
             command docker \"$@\"; }",
        );
        shell
    }

    /// The ports that pages name, and those of this checkout.
    pub(crate) fn documented_ports(&self) -> [(String, String); 3] {
        let [auth, person, health] = self.ports.map(|port| format!(":{port}"));
        [(":5003", auth), (":5001", person), (":5002", health)]
            .map(|(documented, real)| (documented.to_owned(), real))
    }

    /// Puts the ports of this checkout into a file of it.
    pub(crate) fn adapt(&self, name: &str) {
        let text = fs::read_to_string(self.path(name)).expect("a file of the checkout");
        let replace = |text: String, (documented, real): (String, String)| text.replace(&documented, &real);
        let text = self.documented_ports().into_iter().fold(text, replace);
        fs::write(self.path(name), text).expect("the checkout is ours");
    }

    /// The id of a service's container, ended ones too.
    #[track_caller]
    pub(crate) fn container(&self, service: &str) -> String {
        let id = self.compose(&["ps", "--all", "--quiet", service]).out.trim().to_owned();
        assert!(!id.is_empty() && !id.contains('\n'), "{service}: {id:?}");
        id
    }

    /// What `docker inspect` says of a service's container.
    #[track_caller]
    pub(crate) fn inspect(&self, service: &str) -> Value {
        let inspected = self.docker(&["inspect", &self.container(service)]).out;
        serde_json::from_str::<Value>(&inspected).expect("JSON")[0].take()
    }

    /// What `docker image inspect` says of a service's image.
    #[track_caller]
    pub(crate) fn inspect_image(&self, service: &str) -> Value {
        let image = self.compose(&["config", "--images", service]).out;
        let image = image.lines().find(|name| name.ends_with(&format!("-{service}"))).expect("it is listed");
        let inspected = self.docker(&["image", "inspect", image]).out;
        serde_json::from_str::<Value>(&inspected).expect("JSON")[0].take()
    }

    /// Runs a script of bash in the network that a service's container sees.
    #[track_caller]
    pub(crate) fn in_network_of(&self, service: &str, script: &str) -> String {
        let network = format!("container:{}", self.container(service));
        self.docker(&["run", "--rm", "--network", &network, BUILDER, "bash", "-c", script]).out
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let down = ["down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "2"];
        let ended = self.try_docker(&[&["compose"][..], &down].concat());
        // A second panic would hide the first.
        assert!(ended.code == Some(0) || std::thread::panicking(), "{}", ended.err);
    }
}

/// Copies a checkout without what was built and kept in it.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (name, path) = (entry.file_name(), entry.path());
        if [".git", "target", "data"].iter().any(|left_out| name == *left_out) {
            continue;
        }
        if path.is_dir() {
            fs::create_dir(to.join(&name)).expect("the folder is ours");
            copy(&path, &to.join(&name));
        } else {
            fs::copy(&path, to.join(&name)).expect("a file can be copied");
        }
    }
}
