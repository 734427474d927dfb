//! An auth service with its own database, and requests to it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use auth::config::Config;
use auth::store::Location;
use serde_json::{Value, json};
use sqlite::rusqlite::Connection;
use storage::ERASE_AFTER;
use tempfile::TempDir;
use testkit::{Answer, Client, InProcess, TestDir, eventually, tokens};

/// A valid password.
pub(crate) const PASSWORD: &str = "analytical engine";
/// A valid password that no account has.
pub(crate) const WRONG: &str = "difference engine";

/// An auth service that runs in the test's process.
pub(crate) struct AuthService {
    running: InProcess,
    folder: TempDir,
}

impl AuthService {
    /// Starts a service on the engine that this run of the tests is about.
    pub(crate) fn start() -> Self {
        #[cfg(feature = "cluster")]
        return Self::at(crate::cluster::create_location());
        #[cfg(not(feature = "cluster"))]
        Self::on_file()
    }

    /// Starts a service on a file, whose content the test may look into.
    pub(crate) fn on_file() -> Self {
        Self::start_erasing_after(ERASE_AFTER)
    }

    /// Starts a service on a store that another one may be using, and waits until it is ready.
    #[cfg(feature = "cluster")]
    pub(crate) fn at(db: Location) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let service = Self { running: start_at(db, ERASE_AFTER), folder };
        service.wait_until_ready();
        service
    }

    /// Waits until the store can be used.
    #[cfg(feature = "cluster")]
    pub(crate) fn wait_until_ready(&self) {
        eventually("the service is ready", || (self.client().get("/readyz").status == 200).then_some(()));
    }

    /// Starts a service whose deleted content leaves the files after this time.
    pub(crate) fn start_erasing_after(erase_after: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let running = start_at(Location::File(folder.path().join("store")), erase_after);
        Self { running, folder }
    }

    pub(crate) fn client(&self) -> Client {
        self.running.client()
    }

    pub(crate) fn db(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Returns the id and the password of the only account, as stored.
    pub(crate) fn stored(&self) -> [String; 2] {
        let db = Connection::open(self.db()).expect("the database");
        let row = db.query_row("SELECT uid, password FROM account", [], |row| Ok([row.get(0)?, row.get(1)?]));
        row.expect("one account")
    }

    /// Waits until none of these is in a file of the store any more, and returns the content of the files.
    pub(crate) fn wait_until_gone(&self, traces: &[String]) -> String {
        eventually("erased content has left the files", || {
            let files = fs::read_dir(self.folder.path()).expect("the folder");
            let bytes = files.flat_map(|file| fs::read(file.expect("an entry").path()).expect("a file"));
            let content = String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned();
            (!traces.iter().any(|trace| content.contains(trace))).then_some(content)
        })
    }

    pub(crate) fn register(&self, username: &str, password: &str) -> Answer {
        register(&self.client(), username, password)
    }

    pub(crate) fn log_in(&self, username: &str, password: &str) -> Answer {
        log_in(&self.client(), username, password)
    }

    /// Registers a user, logs in, and returns the token.
    pub(crate) fn token_of(&self, username: &str) -> String {
        let _ = self.register(username, PASSWORD).expect(201);
        token(&self.log_in(username, PASSWORD))
    }
}

fn start_at(db: Location, erase_after: Duration) -> InProcess {
    let config = Config { db, keys: tokens::keys(), erase_after, settings: Default::default() };
    let running = InProcess::start(move |listener, shutdown| auth::start(config, listener, shutdown));
    running.expect("the service starts")
}

pub(crate) fn register(client: &Client, username: &str, password: &str) -> Answer {
    client.post("/register", &credentials(username, password))
}

pub(crate) fn log_in(client: &Client, username: &str, password: &str) -> Answer {
    client.post("/login", &credentials(username, password))
}

pub(crate) fn credentials(username: &str, password: &str) -> Value {
    json!({"username": username, "password": password})
}

/// Returns the token of a successful login.
#[track_caller]
pub(crate) fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

/// A folder to run the binary in.
pub(crate) fn test_dir() -> TestDir {
    TestDir::new(env!("CARGO_BIN_EXE_auth"), "AUTH_LISTEN", "AUTH_DB")
}
