//! A wall clock that a test sets, and services that go by it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Answer, Binary, Client, Place, eventually, tokens};

/// In seconds.
pub(crate) const HOUR: i64 = 3600;

/// Ada's password.
const PASSWORD: &str = "analytical engine";

/// The clock, in a file that libfaketime reads each time a process asks for the time.
pub(crate) struct Clock {
    folder: TempDir,
    library: String,
}

impl Clock {
    /// A clock that is right.
    ///
    /// # Panics
    /// Without libfaketime.
    pub(crate) fn new() -> Self {
        // It knows best where its library is.
        let faketime = Command::new("faketime").args(["-m", "-f", "+0", "printenv", "LD_PRELOAD"]).output();
        let library = String::from_utf8(faketime.expect("faketime is installed").stdout).expect("a path");
        let clock =
            Self { folder: tempfile::tempdir().expect("a folder"), library: library.trim().to_owned() };
        clock.is_off_by(0);
        clock
    }

    /// From now on it is wrong by so many seconds.
    pub(crate) fn is_off_by(&self, seconds: i64) {
        // At once: nobody may read half of it.
        let (new, file) = (self.folder.path().join("new"), self.file());
        fs::write(&new, format!("{seconds:+}"))
            .and_then(|()| fs::rename(new, file))
            .expect("the folder is ours");
    }

    /// A place whose service goes by this clock. What measures time that has passed is left alone, as when an operator
    /// or a time server sets a clock.
    pub(crate) fn rules(&self, place: Place) -> Place {
        let file = self.file();
        let file = file.to_str().expect("text");
        let place = place.with("LD_PRELOAD", &self.library).with("FAKETIME_TIMESTAMP_FILE", file);
        place.with("FAKETIME_NO_CACHE", "1").with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }
}

/// A service that goes by the clock. The place is dropped last.
pub(crate) struct Running {
    pub(crate) client: Client,
    binary: Binary,
    _place: Place,
}

impl Running {
    pub(crate) fn start(place: Place) -> Self {
        let mut binary = place.serve();
        Self { client: binary.client(), binary, _place: place }
    }

    /// Whether this is in its log.
    pub(crate) fn has_said(&self, what: &str) -> bool {
        self.binary.logs().contains(what)
    }

    /// Waits until the service itself says, in its log, that it is earlier than it was: the clock was set back, and it
    /// has seen it.
    pub(crate) fn has_seen_the_clock_go_back(&self) {
        let latest = times(&self.binary).into_iter().max().expect("it has logged");
        eventually("the clock is seen to be back", || {
            let _ = self.client.get("/").expect(200);
            times(&self.binary).pop().filter(|last| *last < latest)
        });
    }
}

/// When each line was logged; they sort as they are written.
fn times(binary: &Binary) -> Vec<String> {
    let logs = binary.logs();
    let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| Some(line["timestamp"].as_str()?.to_owned())).collect()
}

/// The three services, all by one clock.
pub(crate) struct Lab {
    pub(crate) clock: Clock,
    pub(crate) auth: Running,
    pub(crate) person: Running,
    pub(crate) health: Running,
}

impl Lab {
    /// With Ada registered, who is person 1 and has a record.
    pub(crate) fn new() -> Self {
        let clock = Clock::new();
        let auth = Running::start(clock.rules(faults::auth()));
        let person = Running::start(clock.rules(faults::person()));
        let url = format!("http://{}", person.client.address());
        let health = Running::start(clock.rules(faults::health(&url)));
        let _ = auth.client.post("/register", &credentials(PASSWORD)).expect(201);
        let ada = tokens::user("ada");
        let _ = person.client.with_token(&ada).post("/persons", &json!({"name": "Ada"})).expect(201);
        let _ = health.client.with_token(&ada).post("/health/1", &json!({"weight": 57.5})).expect(201);
        Self { clock, auth, person, health }
    }

    /// Sets the clock back, and waits until each has seen it.
    pub(crate) fn set_back(&self, seconds: i64) {
        self.clock.is_off_by(-seconds);
        for service in [&self.auth, &self.person, &self.health] {
            service.has_seen_the_clock_go_back();
        }
    }

    /// What each service says to this token.
    pub(crate) fn show(&self, token: &str) -> [Answer; 3] {
        let doors = [(&self.auth, "/me"), (&self.person, "/persons/1"), (&self.health, "/health/1")];
        doors.map(|(service, path)| service.client.with_token(token).get(path))
    }

    /// Ada logs in.
    pub(crate) fn log_in(&self) -> String {
        let answer = log_in(&self.auth.client, PASSWORD).expect(200);
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }
}

/// Ada tries to log in with a password.
pub(crate) fn log_in(auth: &Client, password: &str) -> Answer {
    auth.post("/login", &credentials(password))
}

fn credentials(password: &str) -> Value {
    json!({"username": "ada", "password": password})
}
