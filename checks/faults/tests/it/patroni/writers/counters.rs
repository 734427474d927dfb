//! Two writers add one to the same number, each time with the `ETag` of the number that they have read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use testkit::{Answer, Call, Client};

use super::super::ledger::{Fault, Ledger, Outcome, settled};
use super::{Writer, user};

/// One of two writers.
pub(super) struct Counter {
    client: Client,
    path: String,
    form: Form,
    counted: Arc<Mutex<Counted>>,
}

/// Where the number is.
#[derive(Clone, Copy)]
enum Form {
    /// In the name of a person, which PUT changes.
    Name,
    /// In the weight of a record in grams, which PATCH changes.
    Weight,
}

/// The weight of the number 0: the least that health accepts is 0.2 kg.
const FIRST_WEIGHT: u64 = 1000;

#[derive(Default)]
struct Counted {
    /// The number that was read or written with each `ETag`.
    etags: BTreeMap<String, u64>,
    acknowledged: BTreeSet<u64>,
    unknown: u64,
}

impl Counter {
    pub(super) fn two_of_a_person(person: &Client) -> [Self; 2] {
        Self::two(user(person, "counter"), new_person(person), Form::Name)
    }

    pub(super) fn two_of_a_record(person: &Client, health: &Client) -> [Self; 2] {
        let path = new_person(person).replace("persons", "health");
        let client = user(health, "counter");
        let _ = settled(|| client.call("POST", &path).json(&Form::Weight.body(0))).expect(201);
        Self::two(client, path, Form::Weight)
    }

    fn two(client: Client, path: String, form: Form) -> [Self; 2] {
        let counted = Arc::default();
        [(); 2].map(|()| Self {
            client: client.clone(),
            path: path.clone(),
            form,
            counted: Arc::clone(&counted),
        })
    }

    /// Notes that a number has this `ETag`.
    fn saw(&self, answer: &Answer, number: u64, ledger: &Ledger) -> String {
        let etag = answer.header("etag").expect("an ETag").to_owned();
        let before = self.counted.lock().expect("no panic while locked").etags.insert(etag.clone(), number);
        if before.is_some_and(|before| before != number) {
            ledger.found(Fault::Overwritten, format!("{} {etag}: {before:?} and {number}", self.path));
        }
        etag
    }
}

impl Writer for Counter {
    fn step(&mut self, ledger: &Ledger) -> bool {
        let Some(read) = ledger.read(&self.client, &self.path, 200) else { return false };
        let number = self.form.number(&read.json());
        let etag = self.saw(&read, number, ledger);
        let call = self.form.change(&self.client, &self.path, number + 1).header("If-Match", &etag);
        match ledger.write(call) {
            Outcome::Made(answer) => {
                self.saw(&answer, number + 1, ledger);
                let mut counted = self.counted.lock().expect("no panic while locked");
                if !counted.acknowledged.insert(number + 1) {
                    ledger.found(Fault::Overwritten, format!("{}: {number} was counted twice", self.path));
                }
                return true;
            }
            Outcome::Unknown => self.counted.lock().expect("no panic while locked").unknown += 1,
            Outcome::Denied(answer) if answer.status != 412 => {
                ledger.found(Fault::WrongVerdict, format!("{}: {}", self.path, answer.text()));
            }
            // The other writer was faster.
            Outcome::Denied(_) | Outcome::Refused => {}
        }
        false
    }

    fn check(&mut self, ledger: &Ledger) {
        let read = settled(|| self.client.call("GET", &self.path)).expect(200);
        let number = self.form.number(&read.json());
        let counted = self.counted.lock().expect("no panic while locked");
        let made = counted.acknowledged.len() as u64;
        if number < made || counted.acknowledged.last().is_some_and(|last| *last > number) {
            ledger.found(Fault::Lost, format!("{}: {number} after {made}", self.path));
        }
        if number > made + counted.unknown {
            let unknown = counted.unknown;
            ledger.found(Fault::WrongVerdict, format!("{}: {number} after {made} and {unknown}", self.path));
        }
    }
}

impl Form {
    fn body(self, number: u64) -> Value {
        match self {
            Self::Name => json!({"name": number.to_string()}),
            Self::Weight => json!({"weight": (FIRST_WEIGHT + number) as f64 / 1000.0}),
        }
    }

    fn number(self, body: &Value) -> u64 {
        match self {
            Self::Name => body["name"].as_str().expect("text").parse().expect("a number"),
            Self::Weight => {
                (body["weight"].as_f64().expect("a weight") * 1000.0).round() as u64 - FIRST_WEIGHT
            }
        }
    }

    fn change(self, client: &Client, path: &str, number: u64) -> Call {
        let method = match self {
            Self::Name => "PUT",
            Self::Weight => "PATCH",
        };
        client.call(method, path).json(&self.body(number))
    }
}

/// Creates a person with the number 0, and returns its path.
fn new_person(person: &Client) -> String {
    let client = user(person, "counter");
    let answer = settled(|| client.call("POST", "/persons").json(&Form::Name.body(0))).expect(201);
    answer.header("location").expect("a path").to_owned()
}
