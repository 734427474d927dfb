//! Clients that write until a service is gone, and a record of the acknowledged writes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use testkit::{Answer, Client, eventually};

use crate::users::{PASSWORD, User};

/// The numbers of threads that register users, and that create persons with records.
const REGISTERING: usize = 2;
const MEASURING: usize = 6;
/// How many accounts and records must be acknowledged in a round before a service is stopped.
const ENOUGH_ACCOUNTS: usize = 5;
const ENOUGH_RECORDS: usize = 60;

/// The accounts and persons that the services acknowledged.
#[derive(Default)]
pub(crate) struct Acknowledged {
    accounts: Vec<String>,
    persons: Vec<Person>,
}

/// A person whose creation was acknowledged.
struct Person {
    id: i64,
    name: String,
    /// The last acknowledged weight. The next one may have been stored too.
    weight: Option<u64>,
    /// `Some` once the deletion was sent; whether it was acknowledged.
    deletion: Option<bool>,
}

/// The progress of all threads of a round.
#[derive(Default)]
struct Progress {
    accounts: AtomicUsize,
    records: AtomicUsize,
    stop: AtomicBool,
}

/// Stops threads when it is dropped.
pub(crate) struct StopOnDrop<'t>(pub(crate) &'t AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Sends a request. Returns `None` once the service is gone, or reports that person is gone.
fn send(client: &Client, method: &str, path: &str, body: &Value) -> Option<Answer> {
    let answer = client.call(method, path).json(body).try_send().ok();
    answer.filter(|answer| !(502..=504).contains(&answer.status))
}

/// Registers users until auth is gone.
fn register(auth: &Client, who: &str, progress: &Progress) -> Vec<String> {
    let mut accounts = Vec::new();
    while !progress.stop.load(Ordering::SeqCst) {
        let name = format!("{who}.{}", accounts.len());
        let account = json!({"username": name, "password": PASSWORD});
        let Some(answer) = send(auth, "POST", "/register", &account) else {
            return accounts;
        };
        let _ = answer.expect(201);
        accounts.push(name);
        progress.accounts.fetch_add(1, Ordering::SeqCst);
    }
    accounts
}

/// Creates persons, adds, patches and replaces the record of each, and deletes every third person, until person or
/// health is gone.
fn measure(user: &User, who: &str, progress: &Progress) -> Vec<Person> {
    let mut persons: Vec<Person> = Vec::new();
    while !progress.stop.load(Ordering::SeqCst) {
        let name = format!("{who}/{}", persons.len());
        let Some(created) = send(&user.person, "POST", "/persons", &json!({"name": name})) else {
            return persons;
        };
        let id = created.expect(201).json()["id"].as_i64().expect("an id");
        persons.push(Person { id, name, weight: None, deletion: None });
        let person = persons.last_mut().expect("just added");
        for (weight, (method, status)) in (60..).zip([("POST", 201), ("PATCH", 200), ("PUT", 200)]) {
            let record = json!({"weight": weight});
            let Some(answer) = send(&user.health, method, &format!("/health/{id}"), &record) else {
                return persons;
            };
            let _ = answer.expect(status);
            person.weight = Some(weight);
            progress.records.fetch_add(1, Ordering::SeqCst);
        }
        if id % 3 == 0 {
            person.deletion = Some(false);
            let Some(answer) = send(&user.person, "DELETE", &format!("/persons/{id}"), &Value::Null) else {
                return persons;
            };
            let _ = answer.expect(204);
            person.deletion = Some(true);
        }
    }
    persons
}

/// Writes to all three services, runs `end` meanwhile, and returns the acknowledged writes.
pub(crate) fn write_until(user: &User, round: usize, end: impl FnOnce()) -> Acknowledged {
    let (progress, all) = (Progress::default(), Mutex::new(Acknowledged::default()));
    thread::scope(|scope| {
        let (progress, all) = (&progress, &all);
        // Stops the writers even if this thread panics.
        let _stop = StopOnDrop(&progress.stop);
        for thread in 0..REGISTERING {
            scope.spawn(move || {
                let accounts = register(&user.auth, &format!("r{round}.{thread}"), progress);
                all.lock().expect("no panic").accounts.extend(accounts);
            });
        }
        for thread in 0..MEASURING {
            scope.spawn(move || {
                let persons = measure(user, &format!("{round}/{thread}"), progress);
                all.lock().expect("no panic").persons.extend(persons);
            });
        }
        eventually("enough is written", || {
            let enough = progress.accounts.load(Ordering::SeqCst) >= ENOUGH_ACCOUNTS
                && progress.records.load(Ordering::SeqCst) >= ENOUGH_RECORDS;
            enough.then_some(())
        });
        end();
    });
    all.into_inner().expect("no panic")
}

impl Acknowledged {
    /// Adds the acknowledgements of another round.
    pub(crate) fn add(&mut self, Self { accounts, persons }: Self) {
        assert!(accounts.len() >= ENOUGH_ACCOUNTS && persons.len() > MEASURING);
        // A login is slow because of its password hash, so the accounts of one round must do.
        self.accounts = accounts;
        self.persons.extend(persons);
    }

    /// Checks that everything acknowledged is stored.
    pub(crate) fn assert_stored(&self, user: &User) {
        for name in &self.accounts {
            assert_eq!(user.services.try_log_in(name).status, 200, "the account {name} is lost");
        }
        for Person { id, name, weight, deletion } in &self.persons {
            let person = user.person.get(&format!("/persons/{id}"));
            match (deletion, person.status) {
                (Some(true), 404) | (Some(false), 404) => continue,
                (None | Some(false), 200) => assert_eq!(person.json()["name"], *name),
                (deletion, status) => panic!("person {id}: {status} after the deletion was {deletion:?}"),
            }
            let record = user.record(*id);
            let found = (record.status == 200).then(|| record.json()["weight"].as_u64().expect("a weight"));
            // The write after the last acknowledged one may have been stored.
            let possible = [*weight, Some(weight.map_or(60, |weight| weight + 1))];
            assert!(
                possible.contains(&found),
                "person {id}: {found:?} is stored, {weight:?} was acknowledged"
            );
        }
    }
}
