//! A lab of our own that is wrong on purpose: each switch makes one mistake that was seen in students' versions.
//! Without one it passes every check.

mod auth;
mod body;
mod health;
mod lookup;
mod manner;
mod person;
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use conformance::{Plan, Report};
use serde_json::{Map, Value};

pub(crate) use manner::Manner;
use server::Server;

/// The running lab.
pub(crate) struct BadLab {
    person: Server,
    health: Server,
    auth: Server,
    lab: Arc<Lab>,
}

/// What its services know, each keeping to its own part.
struct Lab {
    switch: Option<&'static str>,
    manner: Manner,
    person_for_health: SocketAddr,
    person: Mutex<Persons>,
    health: Mutex<Records>,
    auth: Mutex<BTreeMap<String, Account>>,
    person_asked_at_once: AtomicU8,
}

#[derive(Default)]
struct Persons {
    by_id: BTreeMap<i64, String>,
    last_id: i64,
}

#[derive(Default)]
struct Records {
    by_id: BTreeMap<String, Value>,
    writes: u32,
    /// For the mistakes that remember something.
    remembered: BTreeSet<String>,
}

struct Account {
    password: String,
    failures: u32,
}

impl BadLab {
    /// Starts it with one mistake, or none; health asks a person service to be played, or the lab's own.
    pub(crate) fn start(switch: Option<&'static str>, is_played: bool) -> Self {
        Self::start_with(switch, is_played, Manner::default())
    }

    /// The same, with other names for things.
    pub(crate) fn start_with(switch: Option<&'static str>, is_played: bool, manner: Manner) -> Self {
        let address = own_address();
        let [person, health, auth] = [(); 3].map(|()| bind(address));
        let of_person = person.local_addr().expect("it is bound");
        let lab = Arc::new(Lab {
            switch,
            manner,
            // Last: the port is free for as long as nobody else binds one at this address.
            person_for_health: if is_played { free_port(address) } else { of_person },
            person: Mutex::default(),
            health: Mutex::default(),
            auth: Mutex::default(),
            person_asked_at_once: AtomicU8::default(),
        });
        let start = |listener, answer| Server::start(listener, Arc::clone(&lab), answer);
        Self {
            person: start(person, person::answer),
            health: start(health, health::answer),
            auth: start(auth, auth::answer),
            lab,
        }
    }

    /// What tells the checker of it.
    pub(crate) fn plan(&self) -> Plan {
        let url = |server: &Server| Some(format!("http://{}", server.address()));
        let person = self.lab.person_for_health;
        Plan {
            person: url(&self.person),
            health: url(&self.health),
            auth: url(&self.auth),
            play: Some(person).filter(|person| *person != self.person.address()),
            // Far more than the lab's second, far less than for ever.
            patience: Duration::from_secs(6),
            ..Plan::default()
        }
    }

    /// How many persons and how many records it holds.
    pub(crate) fn holds(&self) -> (usize, usize) {
        (self.lab.persons().by_id.len(), self.lab.records().by_id.len())
    }

    /// Checks it.
    pub(crate) fn check(&self) -> Report {
        conformance::run(self.plan(), |_, _, _| {}).expect("it answers")
    }
}

/// An address that no other test has, with any port: nobody takes a port while the played person is to refuse there.
pub(crate) fn own_address() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(1);
    let [high, low] = TAKEN.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    SocketAddr::from(([127, 77, high, low], 0))
}

/// The same with a port that nobody listens on.
pub(crate) fn free_port(address: SocketAddr) -> SocketAddr {
    bind(address).local_addr().expect("it is bound")
}

fn bind(address: SocketAddr) -> TcpListener {
    TcpListener::bind(address).expect("a free port")
}

impl Lab {
    /// Whether it makes this mistake.
    fn makes(&self, mistake: &str) -> bool {
        debug_assert!(
            super::switches::SWITCHES.iter().any(|(known, _)| *known == mistake),
            "{mistake:?} is no switch"
        );
        self.switch == Some(mistake)
    }

    fn persons(&self) -> MutexGuard<'_, Persons> {
        self.person.lock().expect("no panic while locked")
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.health.lock().expect("no panic while locked")
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<String, Account>> {
        self.auth.lock().expect("no panic while locked")
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
