//! A checkout of the repository, and its containers.

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

/// The services of compose.yml that keep running.
pub(crate) const SERVICES: [&str; 3] = ["auth", "person", "health"];
/// The base of the build stages: Docker has it after a build, and it has a shell.
const BUILDER: &str = "rust:1.95-slim-bookworm";
/// Variables of the user who runs the tests that would change the commands.
const OTHER_SETTINGS: [&str; 2] = ["COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"];
/// The timeout of a page's commands. Some start or stop containers, perhaps on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A checkout. Dropping it removes its containers, images, networks and volumes.
pub(crate) struct Stack {
    folder: TempDir,
    /// The published ports of auth, person and health.
    ports: [u16; 3],
    /// The value of `COMPOSE_FILE`.
    files: &'static str,
}

impl Stack {
    /// Creates a checkout and builds its images.
    pub(crate) fn built() -> Self {
        let stack = Self::cloned();
        stack.compose(&["build"]);
        stack
    }

    /// Creates a checkout, builds its images and starts it.
    pub(crate) fn up() -> Self {
        let stack = Self::built();
        stack.compose(&["up", "--wait"]);
        stack
    }

    /// Creates a checkout, builds its images and starts the replicas of `deploy/cluster.yml`.
    pub(crate) fn cluster() -> Self {
        let mut stack = Self::cloned();
        stack.files = "compose.yml:deploy/cluster.yml";
        stack.compose(&["up", "--build", "--wait"]);
        stack
    }

    /// Creates a checkout without images, as a user has it.
    pub(crate) fn cloned() -> Self {
        let version = Command::new("docker").args(["compose", "version"]).output();
        assert!(
            version.is_ok_and(|version| version.status.success()),
            "these tests need Docker with Compose v2; `cargo test --workspace` runs the others"
        );
        let folder = tempfile::Builder::new().prefix("mini-projet-").tempdir().expect("a folder");
        copy(workspace(), folder.path());
        let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
        let ports = listeners.map(|listener| listener.local_addr().expect("it listens").port());
        Self { folder, ports, files: "compose.yml" }
    }

    /// The path of a file in the checkout.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `docker compose` in the checkout and expects success.
    #[track_caller]
    pub(crate) fn compose(&self, arguments: &[&str]) -> Ended {
        self.docker(&[&["compose"], arguments].concat())
    }

    /// Runs `docker` in the checkout and expects success.
    #[track_caller]
    pub(crate) fn docker(&self, arguments: &[&str]) -> Ended {
        let ended = self.try_docker(arguments);
        assert_eq!(ended.code, Some(0), "docker {arguments:?}: {}\n{}", ended.out, ended.err);
        ended
    }

    /// Runs `docker compose` in the checkout, expects a failure, and returns the exit code and the output.
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

    /// The variables of Compose and compose.yml for this checkout.
    fn environment(&self) -> [(&'static str, String); 4] {
        let [auth, person, health] = self.ports.map(|port| port.to_string());
        let files = self.files.to_owned();
        [("COMPOSE_FILE", files), ("AUTH_PORT", auth), ("PERSON_PORT", person), ("HEALTH_PORT", health)]
    }

    /// The addresses of the services.
    pub(crate) fn services(&self) -> Services {
        let [auth, person, health] = self.ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        Services { auth, person, health }
    }

    /// A shell in the checkout. Commands of Compose print no progress in it.
    pub(crate) fn shell(&self) -> Shell {
        let mut shell = Shell::start(self.folder.path(), PATIENCE);
        shell.run(&format!("unset {}", OTHER_SETTINGS.join(" ")));
        for (name, value) in self.environment() {
            shell.run(&format!("export {name}={value}"));
        }
        // The commands in `scripts/` read these.
        let Services { auth, person, health } = self.services();
        shell.run(&format!("export AUTH_LISTEN={auth} PERSON_LISTEN={person} HEALTH_LISTEN={health}"));
        shell.run(
            "docker() { [ \"$1\" != compose ] || { shift; set -- compose --progress quiet \"$@\"; }
             command docker \"$@\"; }",
        );
        shell
    }

    /// The ports on the pages, each with the port of this checkout.
    pub(crate) fn documented_ports(&self) -> [(String, String); 3] {
        let [auth, person, health] = self.ports.map(|port| format!(":{port}"));
        [(":5003", auth), (":5001", person), (":5002", health)]
            .map(|(documented, real)| (documented.to_owned(), real))
    }

    /// Replaces the documented ports in a file of the checkout.
    pub(crate) fn adapt(&self, name: &str) {
        let text = fs::read_to_string(self.path(name)).expect("a file of the checkout");
        let replace = |text: String, (documented, real): (String, String)| text.replace(&documented, &real);
        let text = self.documented_ports().into_iter().fold(text, replace);
        fs::write(self.path(name), text).expect("a file of the checkout");
    }

    /// Returns the ids of a service's containers, running or not.
    #[track_caller]
    pub(crate) fn containers(&self, service: &str) -> Vec<String> {
        let ids = self.compose(&["ps", "--all", "--quiet", service]).out;
        let ids: Vec<_> = ids.lines().map(str::to_owned).collect();
        assert!(!ids.is_empty(), "{service} has no container");
        ids
    }

    /// Returns the id of a service's only container, running or not.
    #[track_caller]
    pub(crate) fn container(&self, service: &str) -> String {
        let [id] = <[String; 1]>::try_from(self.containers(service)).expect("a single container");
        id
    }

    /// Returns the output of `docker inspect` for each of a service's containers.
    #[track_caller]
    pub(crate) fn inspect_each(&self, service: &str) -> Vec<Value> {
        let containers = self.containers(service);
        let command: Vec<_> = ["inspect"].into_iter().chain(containers.iter().map(String::as_str)).collect();
        serde_json::from_str(&self.docker(&command).out).expect("an array")
    }

    /// Returns the output of `docker inspect` for a service's only container.
    #[track_caller]
    pub(crate) fn inspect(&self, service: &str) -> Value {
        let [inspected] = <[Value; 1]>::try_from(self.inspect_each(service)).expect("a single container");
        inspected
    }

    /// Returns the output of `docker image inspect` for a service's image.
    #[track_caller]
    pub(crate) fn inspect_image(&self, service: &str) -> Value {
        let image = self.compose(&["config", "--images", service]).out;
        let image = image.lines().find(|name| name.ends_with(&format!("-{service}"))).expect("an image");
        let inspected = self.docker(&["image", "inspect", image]).out;
        serde_json::from_str::<Value>(&inspected).expect("JSON")[0].take()
    }

    /// Runs a bash script in the network of a service's first container and returns its output.
    #[track_caller]
    pub(crate) fn in_network_of(&self, service: &str, script: &str) -> String {
        let network = format!("container:{}", self.containers(service)[0]);
        self.docker(&["run", "--rm", "--network", &network, BUILDER, "bash", "-c", script]).out
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let down = ["down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "2"];
        let ended = self.try_docker(&[&["compose"][..], &down].concat());
        // A second panic would abort the process and hide the first one.
        assert!(ended.code == Some(0) || std::thread::panicking(), "{}", ended.err);
    }
}

/// Copies a checkout, without its history, builds and data.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (name, path) = (entry.file_name(), entry.path());
        if [".git", "target", "data"].iter().any(|left_out| name == *left_out) {
            continue;
        }
        if path.is_dir() {
            fs::create_dir(to.join(&name)).expect("a new folder");
            copy(&path, &to.join(&name));
        } else {
            fs::copy(&path, to.join(&name)).expect("a file can be copied");
        }
    }
}
