//! The three services in the test's process. Tests stop and start each of them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chassis::Settings;
use storage::ERASE_AFTER;
use tempfile::TempDir;
use testkit::{Client, InProcess, tokens};
use token::Keys;

use crate::users::{Services, User};

/// How often health reads person's deletions.
const PURGE_EVERY: Duration = Duration::from_millis(20);

/// A stopped service must find its port free again. Linux routes all of 127.0.0.0/8 to the loopback interface, and no
/// other program uses this address.
pub(crate) const HOST: &str = if cfg!(target_os = "linux") { "127.0.0.2" } else { "127.0.0.1" };

/// Auth, person and health with their own stores.
pub(crate) struct RunningLab {
    folder: TempDir,
    keys: String,
    settings: Settings,
    services: Services,
    auth: Option<InProcess>,
    person: Option<InProcess>,
    health: Option<InProcess>,
}

impl RunningLab {
    pub(crate) fn start() -> Self {
        Self::start_with(Settings::default())
    }

    /// Starts services that show their requests at `/live`.
    pub(crate) fn start_live() -> Self {
        Self::start_with(Settings { live: true, ..Settings::default() })
    }

    fn start_with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let free: SocketAddr = format!("{HOST}:0").parse().expect("an address");
        let services = Services { auth: free, person: free, health: free };
        let keys = tokens::KEY_FILE.to_owned();
        let mut lab = Self { folder, keys, settings, services, auth: None, person: None, health: None };
        lab.start_all();
        lab
    }

    fn start_all(&mut self) {
        self.start_auth();
        self.start_person();
        self.start_health();
    }

    pub(crate) fn start_auth(&mut self) {
        let config = auth::config::Config {
            db: auth::store::Location::File(self.path("auth.db")),
            keys: self.keys(),
            erase_after: ERASE_AFTER,
            settings: self.settings.clone(),
        };
        let service = InProcess::start_at(self.services.auth, |listener, shutdown| {
            auth::start(config, listener, shutdown)
        });
        self.services.auth = keep(&mut self.auth, service);
    }

    pub(crate) fn start_person(&mut self) {
        self.start_person_on("person.db");
    }

    /// Starts person with another database.
    pub(crate) fn start_person_on(&mut self, db: &str) {
        let config = person::config::Config {
            db: person::store::Location::File(self.path(db)),
            limit: 10_000,
            keys: self.keys(),
            erase_after: ERASE_AFTER,
            settings: self.settings.clone(),
        };
        let service = InProcess::start_at(self.services.person, |listener, shutdown| {
            person::start(config, listener, shutdown)
        });
        self.services.person = keep(&mut self.person, service);
    }

    pub(crate) fn start_health(&mut self) {
        let config = health::config::Config {
            file: health::store::Location::File(self.path("health.jsonl")),
            person_url: format!("http://{}", self.services.person),
            purge_every: PURGE_EVERY,
            keys: self.keys(),
            erase_after: ERASE_AFTER,
            settings: self.settings.clone(),
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

    /// Stops all three services.
    pub(crate) fn stop(&mut self) {
        self.stop_auth();
        self.stop_person();
        self.stop_health();
    }

    /// Stops all three services and starts them again with the same stores and ports.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start_all();
    }

    /// Restarts all three services with this key file.
    pub(crate) fn restart_with_keys(&mut self, keys: &str) {
        keys.clone_into(&mut self.keys);
        self.restart();
    }

    #[cfg(feature = "browser")]
    /// Restarts all three services, which then let pages of this origin read answers.
    pub(crate) fn restart_allowing(&mut self, origin: &str) {
        self.settings.allowed_origins = vec![origin.to_owned()];
        self.restart();
    }

    /// Registers a user and logs in.
    pub(crate) fn sign_up(&self, name: &str) -> User {
        self.services.sign_up(name)
    }

    /// Changes a user's role as `auth grant` does, while the service runs.
    pub(crate) fn grant(&self, name: &str, role: &str) {
        let db = auth::store::Location::File(self.path("auth.db"));
        auth::store::grant(&db, name, role).expect("a registered user");
    }

    /// Logs in a registered user.
    pub(crate) fn log_in(&self, name: &str) -> User {
        self.services.log_in(name)
    }

    /// The user with this token.
    pub(crate) fn with_token(&self, token: &str) -> User {
        self.services.with_token(token)
    }

    /// A client of each service, without a token.
    pub(crate) fn anonymous(&self) -> [Client; 3] {
        let Services { auth, person, health } = self.services;
        [auth, person, health].map(Client::new)
    }

    /// The address of person, even while it is stopped.
    #[cfg(feature = "browser")]
    pub(crate) fn person_address(&self) -> SocketAddr {
        self.services.person
    }

    /// The path of a store.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keys(&self) -> Keys {
        Keys::parse(&self.keys).expect("valid keys")
    }
}

fn keep(slot: &mut Option<InProcess>, service: Result<InProcess, String>) -> SocketAddr {
    let service = service.expect("the service starts");
    assert!(slot.is_none(), "the service runs already");
    slot.insert(service).address()
}

fn stop(slot: &mut Option<InProcess>) {
    slot.take().expect("the service runs").stop().expect("a clean stop");
}
