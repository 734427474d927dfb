//! Writers that go on until a service is gone, and what it had acknowledged by then.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use testkit::{Answer, Client, eventually};

use crate::users::{PASSWORD, User};

/// Threads that register, and threads that make persons and keep their records.
const REGISTERING: usize = 2;
const MEASURING: usize = 6;
/// How much of each kind is to be acknowledged in a round before the lab is killed.
const ENOUGH_ACCOUNTS: usize = 5;
const ENOUGH_RECORDS: usize = 60;

/// What the services have acknowledged.
#[derive(Default)]
pub(crate) struct Acknowledged {
    accounts: Vec<String>,
    persons: Vec<Person>,
}

/// A person of whom something was acknowledged.
struct Person {
    id: i64,
    name: String,
    /// The last weight that was acknowledged, `None` before the first; the next was on its way, perhaps.
    weight: Option<u64>,
    /// Whether the deletion was sent, and whether it was acknowledged.
    deletion: Option<bool>,
}

/// What a round's threads have come to.
#[derive(Default)]
struct Progress {
    accounts: AtomicUsize,
    records: AtomicUsize,
    /// Whether it is time to stop.
    ended: AtomicBool,
}

/// Tells threads to stop when it is dropped.
pub(crate) struct Told<'t>(pub(crate) &'t AtomicBool);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Sends; `None` once the service is gone, or says that the one behind it is.
fn send(client: &Client, method: &str, path: &str, body: &Value) -> Option<Answer> {
    let answer = client.call(method, path).json(body).try_send().ok();
    answer.filter(|answer| !(502..=504).contains(&answer.status))
}

/// Registers until auth is gone.
fn register(auth: &Client, who: &str, progress: &Progress) -> Vec<String> {
    let mut accounts = Vec::new();
    while !progress.ended.load(Ordering::SeqCst) {
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

/// Makes persons, each with a record that is added, patched and replaced, and deletes every third, until person or
/// health is gone.
fn measure(user: &User, who: &str, progress: &Progress) -> Vec<Person> {
    let mut persons: Vec<Person> = Vec::new();
    while !progress.ended.load(Ordering::SeqCst) {
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

/// Writes to all three at once, and in the middle of it ends one of them, or all: those who write to others are
/// told to stop.
pub(crate) fn write_until(user: &User, round: usize, end: impl FnOnce()) -> Acknowledged {
    let (progress, gathered) = (Progress::default(), Mutex::new(Acknowledged::default()));
    thread::scope(|scope| {
        let (progress, gathered) = (&progress, &gathered);
        // However this ends: else a failure here would leave the writers writing.
        let _told = Told(&progress.ended);
        for thread in 0..REGISTERING {
            scope.spawn(move || {
                let accounts = register(&user.auth, &format!("r{round}.{thread}"), progress);
                gathered.lock().expect("no panic").accounts.extend(accounts);
            });
        }
        for thread in 0..MEASURING {
            scope.spawn(move || {
                let persons = measure(user, &format!("{round}/{thread}"), progress);
                gathered.lock().expect("no panic").persons.extend(persons);
            });
        }
        eventually("enough is written", || {
            let enough = progress.accounts.load(Ordering::SeqCst) >= ENOUGH_ACCOUNTS
                && progress.records.load(Ordering::SeqCst) >= ENOUGH_RECORDS;
            enough.then_some(())
        });
        end();
    });
    gathered.into_inner().expect("no panic")
}

impl Acknowledged {
    /// Adds what was acknowledged in another round.
    pub(crate) fn add(&mut self, Self { accounts, persons }: Self) {
        assert!(accounts.len() >= ENOUGH_ACCOUNTS && persons.len() > MEASURING);
        // A login takes a password hash: those of one round are enough to try.
        self.accounts = accounts;
        self.persons.extend(persons);
    }

    /// Checks that all of it is there.
    pub(crate) fn assert_there(&self, user: &User) {
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
            // The write after the last acknowledged one may have been made.
            let possible = [*weight, Some(weight.map_or(60, |weight| weight + 1))];
            assert!(
                possible.contains(&found),
                "person {id}: {found:?} is there, {weight:?} was acknowledged"
            );
        }
    }
}
