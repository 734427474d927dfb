//! An auth service on a database of its own, and the people who use it.

use std::path::PathBuf;

use auth::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Answer, Client, InProcess, Place, tokens};

/// A password that will do.
pub(crate) const PASSWORD: &str = "analytical engine";

/// A running auth service.
pub(crate) struct Lab {
    service: InProcess,
    folder: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config { db: folder.path().join("store"), keys: tokens::keys() };
        let service = InProcess::start(move |listener, shutdown| auth::start(config, listener, shutdown));
        Self { service: service.expect("the service starts"), folder }
    }

    pub(crate) fn client(&self) -> Client {
        self.service.client()
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

    /// Registers somebody and logs them in; gives the token.
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

/// The token of a login that succeeded.
#[track_caller]
pub(crate) fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

/// A folder in which the binary is started.
pub(crate) fn place() -> Place {
    Place::new(env!("CARGO_BIN_EXE_auth"), "AUTH_LISTEN", "AUTH_DB")
}
