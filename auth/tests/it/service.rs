//! An auth service with its own database, and requests to it.

use std::path::PathBuf;
use std::time::Duration;

use auth::config::Config;
use serde_json::{Value, json};
use storage::ERASE_AFTER;
use tempfile::TempDir;
use testkit::{Answer, Client, InProcess, TestDir, tokens};

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
    pub(crate) fn start() -> Self {
        Self::start_erasing_after(ERASE_AFTER)
    }

    /// Starts a service whose deleted content leaves the files after this time.
    pub(crate) fn start_erasing_after(erase_after: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Config {
            db: folder.path().join("store"),
            keys: tokens::keys(),
            erase_after,
            settings: Default::default(),
        };
        let running = InProcess::start(move |listener, shutdown| auth::start(config, listener, shutdown));
        Self { running: running.expect("the service starts"), folder }
    }

    pub(crate) fn client(&self) -> Client {
        self.running.client()
    }

    pub(crate) fn db(&self) -> PathBuf {
        self.folder.path().join("store")
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
