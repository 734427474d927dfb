//! Health as the binary that users run, with a scripted person service.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use faults::services::{self, Service};
use serde_json::{Value, json};
use testkit::{Answer, Client, FakePerson, Response, tokens};

/// The longest time of a request: a second for a thread, one for the lookup, and a margin for a busy machine. (After five
/// seconds health answers with another status anyway.)
pub(crate) const BOUND: Duration = Duration::from_secs(15);

/// An operation: its method, the person of the record, and its status if that person exists. Each operation has its own
/// person, so that a lookup shows the operation that it belongs to.
pub(crate) type Operation = (&'static str, i64, u16);
pub(crate) const OPERATIONS: [Operation; 5] =
    [("GET", 1, 200), ("POST", 2, 201), ("PUT", 3, 200), ("PATCH", 4, 200), ("DELETE", 5, 204)];

/// The trace context of every request, which health passes on.
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Held by each test with hundreds of connections: two at once would exceed the usual limit of open files.
static CROWD: Mutex<()> = Mutex::new(());

/// The running health service and its scripted person service.
pub(crate) struct HealthUnderTest {
    pub(crate) person: FakePerson,
    pub(crate) client: Client,
    pub(crate) service: Service,
    token: String,
}

impl HealthUnderTest {
    /// Starts health, with a record for each operation that needs one.
    pub(crate) fn start() -> Self {
        let person = FakePerson::start();
        let health = Self::with_person_at(&person.url(), person);
        for (_, id, _) in OPERATIONS.iter().filter(|(method, ..)| *method != "POST") {
            let _ = health.call("POST", *id).expect(201);
        }
        health.person.lookups();
        health
    }

    /// Starts health without records, with the person service at this URL.
    pub(crate) fn with_person_at(url: &str, person: FakePerson) -> Self {
        let service = Service::start("health", services::health(url));
        let token = tokens::user("ada");
        Self { person, client: service.client.with_token(&token), service, token }
    }

    /// Sets the script for the person of each operation.
    pub(crate) fn person_says(&self, say: impl Fn(i64) -> Response) {
        for (_, id, _) in OPERATIONS {
            self.person.says_at(&format!("/persons/{id}"), say(id));
        }
    }

    /// Sends an operation as Ada.
    pub(crate) fn call(&self, method: &str, id: i64) -> Answer {
        let call = self.client.call(method, &format!("/health/{id}")).header("traceparent", TRACE);
        match method {
            "GET" | "DELETE" => call.send(),
            _ => call.json(&record()).send(),
        }
    }

    /// Sends one of the operations, and checks that the answer comes in time.
    pub(crate) fn call_in_time(&self, number: usize) -> (Answer, Duration) {
        let (method, id, _) = OPERATIONS[number % OPERATIONS.len()];
        let start = Instant::now();
        let answer = self.call(method, id);
        let took = start.elapsed();
        assert!(took < BOUND, "{method}: {took:?}");
        (answer, took)
    }

    /// Returns the bytes of a request for a record, as Ada.
    pub(crate) fn read_request(&self, id: i64) -> String {
        let token = &self.token;
        format!(
            "GET /health/{id} HTTP/1.1\r\nHost: a\r\nConnection: close\r\ntraceparent: {TRACE}\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        )
    }

    /// Returns the content of the file with the records.
    pub(crate) fn file(&self) -> Vec<u8> {
        self.service.test_dir.files().remove("store").expect("the file is there")
    }

    /// Returns how many reads were answered with 503.
    pub(crate) fn refused(&self) -> usize {
        let metrics = self.client.get("/metrics").expect(200).text();
        let reads = metrics.lines().filter(|line| line.starts_with("http_requests_total{method=\"GET\""));
        let refused = reads.filter(|line| line.contains("status=\"503\""));
        refused.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum()
    }

    /// Returns the ids of the lookups since the last call, and checks that each has Ada's token and the trace.
    pub(crate) fn lookups(&self) -> Vec<i64> {
        let lookups = self.person.lookups();
        let id = lookups.iter().map(|lookup| {
            assert_eq!(lookup.method, "GET");
            assert_eq!(lookup.token(), self.token, "the token is passed on");
            assert_eq!(lookup.header("traceparent"), Some(TRACE), "the trace is passed on");
            let id = lookup.target.strip_prefix("/persons/").and_then(|id| id.parse().ok());
            id.unwrap_or_else(|| panic!("a lookup of {}", lookup.target))
        });
        id.collect()
    }
}

/// Returns the body with which the scripted person service confirms a person.
pub(crate) fn person(id: i64) -> String {
    json!({"id": id, "name": "Ada", "owner": "ada"}).to_string()
}

fn record() -> Value {
    json!({"weight": 70.5, "blood_pressure": {"systolic": 120, "diastolic": 80}})
}

/// Returns whether the answer is the 503 for a full queue of lookups.
pub(crate) fn is_too_busy(answer: &Answer) -> bool {
    let is = answer.status == 503 && answer.text().contains("\"/problems/too-busy\"");
    assert!(!is || answer.header("retry-after") == Some("1"));
    is
}

/// Waits until no other test has hundreds of connections.
pub(crate) fn crowd() -> MutexGuard<'static, ()> {
    CROWD.lock().unwrap_or_else(PoisonError::into_inner)
}
