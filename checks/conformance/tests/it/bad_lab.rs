//! A lab that makes mistakes on purpose, each seen in students' versions. Without a mistake it passes every check.

mod auth;
mod body;
mod dialect;
mod health;
mod lookup;
mod person;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use conformance::{Check, Plan, Report};
use serde_json::{Map, Value};
use tempfile::TempDir;

pub(crate) use dialect::{Dialect, FixedLogin};
pub(crate) use server::Request;
use server::Server;

/// The timeout of the whole lookup. It is long for the sake of loaded machines.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(3);
const NO_TIMEOUT: Duration = Duration::from_secs(600);
/// The checks in which the fake person service does not answer in time.
const TIMEOUT_CHECKS: [&str; 3] = ["rule-timeout", "rule-late-504", "rule-drip"];

/// The running lab.
pub(crate) struct BadLab {
    person: Server,
    health: Server,
    auth: Server,
    state: Arc<LabState>,
}

/// The state of the three services; each uses its own part.
struct LabState {
    switch: Option<&'static str>,
    dialect: Dialect,
    person_for_health: SocketAddr,
    person: Mutex<Persons>,
    health: Mutex<Records>,
    auth: Mutex<Accounts>,
    person_asked_at_once: AtomicU8,
    health_writers: AtomicU8,
    lookup_timeout: Mutex<Duration>,
    /// The restart command creates a file here.
    folder: TempDir,
}

#[derive(Default)]
struct Persons {
    by_id: BTreeMap<i64, String>,
    emails: BTreeSet<String>,
    last_id: i64,
}

#[derive(Default)]
struct Records {
    by_id: BTreeMap<String, Value>,
    writes: u32,
    /// Data for the mistakes that remember something.
    remembered: BTreeSet<String>,
}

#[derive(Default)]
struct Accounts {
    by_username: BTreeMap<String, Account>,
    /// The tokens that person and health accept.
    tokens: BTreeSet<String>,
}

struct Account {
    password: String,
    failures: u32,
}

impl BadLab {
    /// Starts the lab with one mistake or none. Health asks a fake person service, to be started by the checker, or the
    /// lab's own.
    pub(crate) fn start(switch: Option<&'static str>, with_fake: bool) -> Self {
        Self::start_with(switch, with_fake, Dialect::default())
    }

    /// Starts the lab with another dialect.
    pub(crate) fn start_with(switch: Option<&'static str>, with_fake: bool, dialect: Dialect) -> Self {
        let address = own_address();
        Self::start_at([address; 3], switch, with_fake, dialect)
    }

    /// Starts the lab at these addresses of person, health and auth.
    pub(crate) fn start_at(
        addresses: [SocketAddr; 3],
        switch: Option<&'static str>,
        with_fake: bool,
        dialect: Dialect,
    ) -> Self {
        let address = SocketAddr::new(addresses[0].ip(), 0);
        let [person, health, auth] = addresses.map(bind);
        let of_person = person.local_addr().expect("a bound listener");
        let state = Arc::new(LabState {
            switch,
            dialect,
            // Last: the port stays free as long as no other listener is bound at this address.
            person_for_health: if with_fake { free_port(address) } else { of_person },
            person: Mutex::default(),
            health: Mutex::default(),
            auth: Mutex::default(),
            person_asked_at_once: AtomicU8::default(),
            health_writers: AtomicU8::default(),
            lookup_timeout: Mutex::new(NO_TIMEOUT),
            folder: tempfile::tempdir().expect("a folder"),
        });
        let start = |listener, answer| Server::start(listener, Arc::clone(&state), answer);
        Self {
            person: start(person, person::answer),
            health: start(health, health::answer),
            auth: start(auth, auth::answer),
            state,
        }
    }

    /// Returns the plan for the checker.
    pub(crate) fn plan(&self) -> Plan {
        let url = |server: &Server| Some(format!("http://{}", server.address()));
        let person = self.state.person_for_health;
        Plan {
            person: url(&self.person),
            health: url(&self.health),
            auth: url(&self.auth),
            play: Some(person).filter(|person| *person != self.person.address()),
            // Well above the timeout of a lookup.
            patience: Duration::from_secs(20),
            restart: Some(format!("touch {}", self.state.restarted().display())),
            may_destroy: true,
            ..Plan::default()
        }
    }

    /// Stores a person and a record, as a student has them before the checks.
    pub(crate) fn add_own_data(&self, id: i64) {
        let mut persons = self.state.persons();
        persons.by_id.insert(id, "Student".to_owned());
        persons.last_id = persons.last_id.max(id);
        let record = serde_json::json!({"weight": 60 + id});
        self.state.records().by_id.insert(id.to_string(), record);
    }

    /// Whether health still has these data and answers for them.
    pub(crate) fn has_own_data(&self, id: i64) -> bool {
        let records = self.state.records();
        let is_there = records.by_id.get(&id.to_string()).is_some_and(|record| record["weight"] == 60 + id);
        is_there && !records.remembered.contains("broken")
    }

    /// Counts its persons and its records.
    pub(crate) fn holds(&self) -> (usize, usize) {
        (self.state.persons().by_id.len(), self.state.records().by_id.len())
    }

    /// Runs all checks.
    pub(crate) fn check(&self) -> Report {
        self.check_with(self.plan())
    }

    /// Runs the checks of a plan. Lookups time out only in the checks that test it: in any other check, a loaded
    /// machine could delay a lookup until it times out, and the check would fail.
    pub(crate) fn check_with(&self, plan: Plan) -> Report {
        let next = |_, _, check: &Check| {
            let timeout = if TIMEOUT_CHECKS.contains(&check.id) { LOOKUP_TIMEOUT } else { NO_TIMEOUT };
            *self.state.lookup_timeout.lock().expect("no panic while locked") = timeout;
        };
        conformance::run(plan, next).expect("it answers")
    }
}

/// Returns an address that no other test uses, with any port: no other program can take the port of a fake person
/// service that is down.
pub(crate) fn own_address() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(1);
    let [high, low] = TAKEN.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    SocketAddr::from(([127, 77, high, low], 0))
}

/// Returns the address with an unused port.
pub(crate) fn free_port(address: SocketAddr) -> SocketAddr {
    bind(address).local_addr().expect("a bound listener")
}

fn bind(address: SocketAddr) -> TcpListener {
    TcpListener::bind(address).expect("a free port")
}

impl LabState {
    /// Whether the lab makes this mistake.
    fn makes(&self, mistake: &str) -> bool {
        self.switch == Some(mistake)
    }

    fn restarted(&self) -> PathBuf {
        self.folder.path().join("restarted")
    }

    /// Whether the restart command has run since the last call, and this service keeps its data in memory.
    fn forgets(&self, service: &str) -> bool {
        self.makes(&format!("{service} keeps its data in memory"))
            && fs::remove_file(self.restarted()).is_ok()
    }

    fn persons(&self) -> MutexGuard<'_, Persons> {
        self.person.lock().expect("no panic while locked")
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.health.lock().expect("no panic while locked")
    }

    fn lookup_timeout(&self) -> Duration {
        *self.lookup_timeout.lock().expect("no panic while locked")
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.auth.lock().expect("no panic while locked")
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
