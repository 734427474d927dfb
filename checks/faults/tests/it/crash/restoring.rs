//! A store, a copy of another, and `restore` ended in the middle of it.

use std::collections::BTreeMap;

use serde_json::json;
use testkit::{Binary, FakePerson, Place, Say, tokens};

/// What is there after a `restore` that was cut short.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Old,
    New,
    /// What the service then said.
    Neither(String),
}

/// Reports, and fails where anything is neither the old nor the new.
#[track_caller]
pub(crate) fn judge(fault: &str, outcomes: &[Outcome]) {
    let count = |wanted: &Outcome| outcomes.iter().filter(|outcome| *outcome == wanted).count();
    let (old, new) = (count(&Outcome::Old), count(&Outcome::New));
    let kills = outcomes.len();
    let came = format!("what was there {old}, what was to be {new}, neither {}", kills - old - new);
    faults::report(fault, &format!("{kills} kills"), &came);
    assert_eq!(kills, old + new, "{fault}: {outcomes:?}");
}

/// What it takes to restore again and again.
pub(crate) struct Restoring {
    pub(crate) service: &'static str,
    place: Box<dyn Fn() -> Place>,
    /// The variable that names the store.
    variable: &'static str,
    /// The store of a service that was killed: its last writes stand in the WAL, where it has one.
    store: BTreeMap<String, Vec<u8>>,
    copy: Vec<u8>,
    /// Asks for everything that is there.
    ask: fn(&mut Binary) -> String,
    /// What it answers before and after.
    old: String,
    new: String,
}

impl Restoring {
    pub(crate) fn of_person() -> Self {
        Self::made("person", "PERSON_DB", Box::new(faults::person), make_persons, list_persons)
    }

    pub(crate) fn of_health() -> Self {
        let person = FakePerson::start();
        person.says_of_deletions(Say::Close);
        let place = move || faults::health(&person.url());
        Self::made("health", "HEALTH_FILE", Box::new(place), make_records, read_records)
    }

    fn made(
        service: &'static str,
        variable: &'static str,
        place: Box<dyn Fn() -> Place>,
        make: fn(&mut Binary, &str),
        ask: fn(&mut Binary) -> String,
    ) -> Self {
        let killed = |what| {
            let place = place();
            let mut running = place.serve();
            make(&mut running, what);
            let answers = ask(&mut running);
            drop(running);
            (place, answers)
        };
        let (store, old) = killed("old");
        let store: BTreeMap<_, _> =
            store.files().into_iter().filter(|(name, _)| name.starts_with("store")).collect();
        let (other, new) = killed("new");
        let copy = other.backup();
        assert_ne!(old, new);
        Self { service, place, variable, store, copy, ask, old, new }
    }

    /// Restores in a folder of its own, ends that once `wait` returns, starts the service and asks it what is there.
    /// Whatever came of it, restoring again must do.
    pub(crate) fn cut_short(&self, wait: impl FnOnce(&mut Binary)) -> Outcome {
        self.cut_short_by("exec", wait)
    }

    /// The same, where a shell puts this before the command.
    pub(crate) fn cut_short_by(&self, prefix: &str, wait: impl FnOnce(&mut Binary)) -> Outcome {
        let place = (self.place)();
        for (name, content) in &self.store {
            place.write(name, content);
        }
        place.write("copy", &self.copy);
        let script = format!("{prefix} \"$0\" restore < \"$1\"");
        let arguments = ["-c", &script, &faults::exe(self.service), &place.text("copy")];
        let mut restoring = Binary::start("/bin/sh", &arguments, &[(self.variable, &place.text("store"))]);
        wait(&mut restoring);
        drop(restoring);
        let outcome = match (self.ask)(&mut place.serve()) {
            found if found == self.old => Outcome::Old,
            found if found == self.new => Outcome::New,
            found => Outcome::Neither(found),
        };
        let again = place.restore(&self.copy);
        assert_eq!((again.code, &again.err[..]), (Some(0), ""));
        assert_eq!(place.named(".restored"), Vec::<String>::new(), "a draft is left");
        assert_eq!((self.ask)(&mut place.serve()), self.new);
        outcome
    }
}

fn make_persons(service: &mut Binary, what: &str) {
    let ada = service.client().with_token(&tokens::user("ada"));
    for number in 0..20 {
        let _ = ada.post("/persons", &json!({"name": format!("{what} {number}")})).expect(201);
    }
}

fn list_persons(service: &mut Binary) -> String {
    let admin = service.client().with_token(&tokens::admin("root"));
    admin.get("/persons?limit=1000").expect(200).text()
}

/// The records of as many persons.
const RECORDS: i64 = 20;

fn make_records(service: &mut Binary, what: &str) {
    let ada = service.client().with_token(&tokens::user("ada"));
    for id in 1..=RECORDS {
        let _ = ada
            .post(&format!("/health/{id}"), &json!({"weight": if what == "old" { id } else { id + 100 }}))
            .expect(201);
    }
}

fn read_records(service: &mut Binary) -> String {
    let ada = service.client().with_token(&tokens::user("ada"));
    (1..=RECORDS).map(|id| ada.get(&format!("/health/{id}")).expect(200).text()).collect()
}
