//! A wall clock that a test sets, and services that read it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use faults::services::Service;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Answer, Client, TestDir, eventually};

/// In seconds.
pub(crate) const HOUR: i64 = 3600;

/// The password of Ada's account.
pub(crate) const PASSWORD: &str = "analytical engine";

/// The offset of the clock, in a file that libfaketime reads each time a process reads the clock.
pub(crate) struct WallClock {
    folder: TempDir,
    library: String,
}

impl WallClock {
    /// Creates a correct clock.
    pub(crate) fn new() -> Self {
        // The command `faketime` knows the path of its library.
        let faketime = Command::new("faketime").args(["-m", "-f", "+0", "printenv", "LD_PRELOAD"]).output();
        let library = String::from_utf8(faketime.expect("faketime is installed").stdout).expect("a path");
        let clock =
            Self { folder: tempfile::tempdir().expect("a folder"), library: library.trim().to_owned() };
        clock.set(0);
        clock
    }

    /// Sets the clock to this many seconds after the true time.
    pub(crate) fn set(&self, offset: i64) {
        // A rename is atomic: no process reads half of the offset.
        let (new, file) = (self.folder.path().join("new"), self.file());
        fs::write(&new, format!("{offset:+}"))
            .and_then(|()| fs::rename(new, file))
            .expect("the folder is writable");
    }

    /// Makes the service in this folder read the clock. The monotonic clock stays correct, as when an operator or a
    /// time server sets the wall clock.
    pub(crate) fn rules(&self, dir: TestDir) -> TestDir {
        let file = self.file();
        let file = file.to_str().expect("UTF-8");
        let dir = dir.with("LD_PRELOAD", &self.library).with("FAKETIME_TIMESTAMP_FILE", file);
        dir.with("FAKETIME_NO_CACHE", "1").with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }
}

/// Waits until the service logs an earlier time than before: it has read the clock that was set back.
pub(crate) fn await_earlier_time(service: &Service) {
    let latest = logged_times(service).into_iter().max().expect("a log line");
    eventually("the service reads the earlier time", || {
        let _ = service.client.get("/").expect(200);
        logged_times(service).pop().filter(|last| *last < latest)
    });
}

/// Returns the time of each log line; as text they sort by time.
fn logged_times(service: &Service) -> Vec<String> {
    let logs = service.binary.logs();
    let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| Some(line["timestamp"].as_str()?.to_owned())).collect()
}

/// Sends a login as Ada with a password.
pub(crate) fn log_in(auth: &Client, password: &str) -> Answer {
    auth.post("/login", &credentials(password))
}

/// The body of Ada's registration and login.
pub(crate) fn credentials(password: &str) -> Value {
    json!({"username": "ada", "password": password})
}
