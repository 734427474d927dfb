//! The three services in the test's own process, each stopped and started as the test likes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use testkit::{Client, InProcess, tokens};
use token::Keys;

use crate::users::{Services, User};

/// So often does health follow person's deletions here.
const PURGE_EVERY: Duration = Duration::from_millis(20);

/// A service keeps its port while it is down. On Linux all of 127.0.0.0/8 is the loopback: nothing else comes
/// by this address, and so nothing else takes the port meanwhile.
pub(crate) const HOST: &str = if cfg!(target_os = "linux") { "127.0.0.2" } else { "127.0.0.1" };

/// Auth, person and health on stores of their own.
pub(crate) struct Lab {
    folder: TempDir,
    keys: String,
    services: Services,
    auth: Option<InProcess>,
    person: Option<InProcess>,
    health: Option<InProcess>,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let free: SocketAddr = format!("{HOST}:0").parse().expect("an address");
        let services = Services { auth: free, person: free, health: free };
        let keys = tokens::KEY_FILE.to_owned();
        let mut lab = Self { folder, keys, services, auth: None, person: None, health: None };
        lab.start_auth();
        lab.start_person();
        lab.start_health();
        lab
    }

    pub(crate) fn start_auth(&mut self) {
        let config = auth::config::Config { db: self.path("auth.db"), keys: self.keys() };
        let service = InProcess::start_at(self.services.auth, |listener, shutdown| {
            auth::start(config, listener, shutdown)
        });
        self.services.auth = keep(&mut self.auth, service);
    }

    pub(crate) fn start_person(&mut self) {
        self.start_person_on("person.db");
    }

    /// Starts person on another database.
    pub(crate) fn start_person_on(&mut self, db: &str) {
        let config = person::config::Config { db: self.path(db), keys: self.keys() };
        let service = InProcess::start_at(self.services.person, |listener, shutdown| {
            person::start(config, listener, shutdown)
        });
        self.services.person = keep(&mut self.person, service);
    }

    pub(crate) fn start_health(&mut self) {
        let config = health::config::Config {
            file: self.path("health.jsonl"),
            person_url: format!("http://{}", self.services.person),
            purge_every: PURGE_EVERY,
            keys: self.keys(),
        };
        let service = InProcess::start_at(self.services.health, |listener, shutdown| {
            health::start(config, listener, shutdown)
        });
        self.services.health = keep(&mut self.health, service);
    }

    pub(crate) fn stop_auth(&mut self) {
        stop(&mut self.auth);
    }

    pub(crate) fn stop_person(&mut self) {
        stop(&mut self.person);
    }

    pub(crate) fn stop_health(&mut self) {
        stop(&mut self.health);
    }

    /// Stops all three.
    pub(crate) fn stop(&mut self) {
        self.stop_auth();
        self.stop_person();
        self.stop_health();
    }

    /// Stops all three and starts them on the same stores and ports.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start_auth();
        self.start_person();
        self.start_health();
    }

    /// Restarts all three with these lines in the key file.
    pub(crate) fn restart_with_keys(&mut self, keys: &str) {
        keys.clone_into(&mut self.keys);
        self.restart();
    }

    /// Registers somebody and logs them in.
    pub(crate) fn sign_up(&self, name: &str) -> User {
        self.services.sign_up(name)
    }

    /// Registers somebody, makes them an administrator and logs them in.
    pub(crate) fn sign_up_admin(&self, name: &str) -> User {
        self.sign_up(name);
        self.grant(name, "admin");
        self.services.log_in(name)
    }

    /// Changes somebody's role, as `auth grant` does beside the running service.
    pub(crate) fn grant(&self, name: &str, role: &str) {
        auth::store::grant(&self.path("auth.db"), name, role).expect("the user is there");
    }

    /// Logs in somebody who has registered.
    pub(crate) fn log_in(&self, name: &str) -> User {
        self.services.log_in(name)
    }

    /// Whoever holds this token.
    pub(crate) fn with_token(&self, token: &str) -> User {
        self.services.with_token(token)
    }

    /// A client of each service, without a token.
    pub(crate) fn strangers(&self) -> [Client; 3] {
        let Services { auth, person, health } = self.services;
        [auth, person, health].map(Client::new)
    }

    /// The path of a store.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keys(&self) -> Keys {
        Keys::parse(&self.keys).expect("good keys")
    }
}

fn keep(slot: &mut Option<InProcess>, service: Result<InProcess, String>) -> SocketAddr {
    let service = service.expect("the service starts");
    assert!(slot.is_none(), "it runs already");
    slot.insert(service).address()
}

fn stop(slot: &mut Option<InProcess>) {
    slot.take().expect("it runs").stop().expect("it stops cleanly");
}
