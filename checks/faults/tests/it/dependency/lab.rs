//! Health as the binary that users run, beside a person service that says what it is told.

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Binary, Client, FakePerson, Place, Say, tokens};

/// A request's times in all: a second for a turn, one for the lookup, and room for a busy machine.
pub(crate) const BOUND: Duration = Duration::from_secs(6);

/// An operation, the person whose record it is done on, and what comes of it where that person exists. Each has a
/// person of its own, so that a lookup says whose it is.
pub(crate) type Operation = (&'static str, i64, u16);
pub(crate) const OPERATIONS: [Operation; 5] =
    [("GET", 1, 200), ("POST", 2, 201), ("PUT", 3, 200), ("PATCH", 4, 200), ("DELETE", 5, 204)];

/// Ada's trace, which health passes on.
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// One crowd at a time: two would want more files than a process may open as a rule.
static CROWD: Mutex<()> = Mutex::new(());

/// The running health and the fake.
pub(crate) struct Lab {
    pub(crate) person: FakePerson,
    pub(crate) client: Client,
    token: String,
    health: Binary,
    place: Place,
}

impl Lab {
    /// With a record of everybody whose operation wants one.
    pub(crate) fn new() -> Self {
        let person = FakePerson::start();
        let lab = Self::asking(&person.url(), person);
        for (_, id, _) in OPERATIONS.iter().filter(|(method, ..)| *method != "POST") {
            let _ = lab.call("POST", *id).expect(201);
        }
        lab.person.lookups();
        lab
    }

    /// With no record, asking whoever is at this URL.
    pub(crate) fn asking(url: &str, person: FakePerson) -> Self {
        // Deletions are asked for once, at the start: the connections that follow are those of lookups.
        let place = faults::health(url).with("HEALTH_PURGE_SECONDS", "3600");
        let mut health = place.serve();
        let token = tokens::user("ada");
        let client = health.client().with_token(&token);
        Self { person, client, token, health, place }
    }

    /// From now on it says this of each person who is operated on, and nothing special of others.
    pub(crate) fn person_says(&self, say: impl Fn(i64) -> Say) {
        for (_, id, _) in OPERATIONS {
            self.person.says_at(&lookup(id), say(id));
        }
    }

    /// Does an operation on a person's record, in Ada's name and trace.
    pub(crate) fn call(&self, method: &str, id: i64) -> Answer {
        let call = self.client.call(method, &format!("/health/{id}")).header("traceparent", TRACE);
        match method {
            "GET" | "DELETE" => call.send(),
            _ => call.json(&record()).send(),
        }
    }

    /// The bytes of a request to read a person's record, in Ada's name and trace.
    pub(crate) fn read_request(&self, id: i64) -> String {
        let token = &self.token;
        format!(
            "GET /health/{id} HTTP/1.1\r\nHost: a\r\nConnection: close\r\ntraceparent: {TRACE}\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        )
    }

    /// Stops and continues the process, as the kernel does it.
    pub(crate) fn signal(&self, name: &str) {
        self.health.signal(name);
    }

    /// The bytes of the log.
    pub(crate) fn log(&self) -> Vec<u8> {
        self.place.files().remove("store").expect("the log is there")
    }

    /// The most memory that the process ever had, in kilobytes, as the kernel counts it.
    pub(crate) fn peak_memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.health.id())).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        peak.trim().trim_end_matches(" kB").parse().expect("kilobytes")
    }

    /// How many reads were answered with 503, by the process's own account.
    pub(crate) fn refused(&self) -> usize {
        let metrics = self.client.get("/metrics").expect(200).text();
        let reads = metrics.lines().filter(|line| line.starts_with("http_requests_total{method=\"GET\""));
        let refused = reads.filter(|line| line.contains("status=\"503\""));
        refused.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum()
    }

    /// Takes the lookups of a person that came since, each checked to be Ada's: her token, her trace. Gives on
    /// which connection each came.
    pub(crate) fn lookups(&self) -> Vec<(i64, usize)> {
        let heard = self.person.lookups();
        let whose = heard.iter().map(|heard| {
            assert_eq!(heard.method, "GET");
            assert_eq!(heard.token(), self.token, "the token is passed on");
            assert_eq!(heard.header("traceparent"), Some(TRACE), "the trace is passed on");
            let id = heard.target.strip_prefix("/persons/").and_then(|id| id.parse().ok());
            (id.unwrap_or_else(|| panic!("a lookup of {}", heard.target)), heard.connection)
        });
        whose.collect()
    }
}

/// Where health asks for a person.
pub(crate) fn lookup(id: i64) -> String {
    format!("/persons/{id}")
}

/// What the fake says of a person who exists.
pub(crate) fn person(id: i64) -> String {
    json!({"id": id, "name": "Ada", "owner": "ada"}).to_string()
}

fn record() -> Value {
    json!({"weight": 70.5, "blood_pressure": {"systolic": 120, "diastolic": 80}})
}

/// The right to act as a crowd.
pub(crate) fn crowd() -> MutexGuard<'static, ()> {
    CROWD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something this many times at once, each on its own thread, and gives what came of it.
pub(crate) fn at_once<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let act = &act;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || act(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// The middle, the 99th of a hundred, and the longest of some times, in milliseconds.
pub(crate) fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |hundredth: usize| times[(times.len() * hundredth / 100).min(times.len() - 1)].as_millis();
    format!("p50 {} ms, p99 {} ms, longest {} ms", at(50), at(99), at(100))
}
