//! Clients that write until a service is gone, and a record of the acknowledged writes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};
use testkit::{Answer, Client, StopOnDrop, eventually};

use crate::users::{PASSWORD, User};

/// The numbers of threads that register users, and that create persons with records.
const REGISTERING: usize = 2;
const MEASURING: usize = 6;
/// How many accounts and records must be acknowledged in a round before a service is stopped.
const ENOUGH_ACCOUNTS: usize = 5;
const ENOUGH_RECORDS: usize = 30;

/// The writes that the services acknowledged.
#[derive(Default)]
pub(crate) struct Acknowledged {
    accounts: Vec<String>,
    /// Names by id.
    persons: BTreeMap<i64, String>,
    /// The last acknowledged weight by id.
    records: BTreeMap<i64, u64>,
}

/// The state that the threads of a round share.
#[derive(Default)]
struct Round {
    acknowledged: Mutex<Acknowledged>,
    stop: AtomicBool,
}

/// Sends a write. Returns `None` once the service is gone, or reports that person is gone.
fn send(client: &Client, method: &str, path: &str, body: &Value, status: u16) -> Option<Answer> {
    let answer = client.call(method, path).json(body).try_send().ok();
    answer.filter(|answer| !(502..=504).contains(&answer.status)).map(|answer| answer.expect(status))
}

impl Round {
    fn acknowledged<T>(&self, act: impl FnOnce(&mut Acknowledged) -> T) -> T {
        act(&mut self.acknowledged.lock().expect("no panic"))
    }

    /// Registers users until auth is gone.
    fn register(&self, auth: &Client, who: &str) -> Option<()> {
        for number in (0..).take_while(|_| !self.stop.load(Ordering::SeqCst)) {
            let name = format!("{who}.{number}");
            send(auth, "POST", "/register", &json!({"username": name, "password": PASSWORD}), 201)?;
            self.acknowledged(|all| all.accounts.push(name));
        }
        None
    }

    /// Creates persons, each with a record that is then replaced, until person or health is gone.
    fn measure(&self, user: &User, who: &str) -> Option<()> {
        for number in (0..).take_while(|_| !self.stop.load(Ordering::SeqCst)) {
            let name = format!("{who}/{number}");
            let created = send(&user.person, "POST", "/persons", &json!({"name": name}), 201)?;
            let id = created.json()["id"].as_i64().expect("an id");
            self.acknowledged(|all| all.persons.insert(id, name));
            for (method, weight, status) in [("POST", 60, 201), ("PUT", 61, 200)] {
                let path = format!("/health/{id}");
                send(&user.health, method, &path, &json!({"weight": weight}), status)?;
                self.acknowledged(|all| all.records.insert(id, weight));
            }
        }
        None
    }
}

/// Writes to all three services, runs `end` meanwhile, and returns the acknowledged writes.
pub(crate) fn write_until(user: &User, number: usize, end: impl FnOnce()) -> Acknowledged {
    let round = Round::default();
    thread::scope(|scope| {
        let round = &round;
        let _stop = StopOnDrop(&round.stop);
        for thread in 0..REGISTERING {
            scope.spawn(move || round.register(&user.auth, &format!("r{number}.{thread}")));
        }
        for thread in 0..MEASURING {
            scope.spawn(move || round.measure(user, &format!("{number}/{thread}")));
        }
        eventually("enough is written", || {
            let enough = |all: &mut Acknowledged| {
                all.accounts.len() >= ENOUGH_ACCOUNTS && all.records.len() >= ENOUGH_RECORDS
            };
            round.acknowledged(enough).then_some(())
        });
        end();
    });
    round.acknowledged.into_inner().expect("no panic")
}

impl Acknowledged {
    /// Adds the acknowledgements of another round.
    pub(crate) fn add(&mut self, other: Self) {
        // A login is slow because of its password hash, so the accounts of one round must do.
        self.accounts = other.accounts;
        self.persons.extend(other.persons);
        self.records.extend(other.records);
    }

    /// Checks that everything acknowledged is stored.
    pub(crate) fn assert_stored(&self, user: &User) {
        for name in &self.accounts {
            assert_eq!(user.services.try_log_in(name).status, 200, "the account {name} is lost");
        }
        for (id, name) in &self.persons {
            let person = user.person.get(&format!("/persons/{id}")).expect(200).json();
            assert_eq!(person["name"], *name);
        }
        for (id, weight) in &self.records {
            let stored = user.record(*id).expect(200).json()["weight"].as_u64().expect("a weight");
            // The replacement may have been stored without its acknowledgement.
            assert!(stored >= *weight, "person {id}: {stored} is stored, {weight} was acknowledged");
        }
    }
}
