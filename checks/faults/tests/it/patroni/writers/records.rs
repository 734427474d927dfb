//! Writes, changes, deletes and writes again the vital signs of new persons, and deletes some of these persons.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::Client;

use super::super::ledger::{Fault, Item, Ledger, Outcome, settled};
use super::persons::Persons;
use super::{Writer, user};

const OWNER: &str = "patient";

pub(super) struct Records {
    persons: Persons,
    client: Client,
    /// The weight in each record, whose path is the name.
    items: Vec<Item<Option<u64>>>,
}

impl Records {
    pub(super) fn new(person: &Client, health: &Client) -> Self {
        Self { persons: Persons::new(person, OWNER, false), client: user(health, OWNER), items: Vec::new() }
    }

    /// Makes four writes of a record; returns whether all were acknowledged.
    fn write_record(&mut self, path: &str, ledger: &Ledger) -> bool {
        self.items.push(Item::new(path, None));
        let item = self.items.last_mut().expect("it was just added");
        let mut etags = BTreeSet::new();
        for (method, weight) in
            [("POST", Some(61)), ("PATCH", Some(62)), ("DELETE", None), ("POST", Some(63))]
        {
            let call = self.client.call(method, path);
            let call = match weight {
                Some(weight) => call.json(&json!({"weight": weight})),
                None => call,
            };
            let outcome = ledger.allowed_write(call);
            item.note(&outcome, weight);
            let Outcome::Made(answer) = outcome else { return false };
            if let Some(etag) = answer.header("etag")
                && !etags.insert(etag.to_owned())
            {
                ledger.found(Fault::Overwritten, format!("{path}: {etag} twice"));
            }
            ledger.read(&self.client, path, if weight.is_some() { 200 } else { 404 });
        }
        true
    }
}

impl Writer for Records {
    fn step(&mut self, ledger: &Ledger) -> bool {
        let Some(id) = self.persons.create(ledger) else { return false };
        let path = format!("/health/{id}");
        if !self.write_record(&path, ledger) {
            return false;
        }
        if !self.persons.count().is_multiple_of(3) {
            return true;
        }
        let outcome = self.persons.delete(ledger);
        self.items.last_mut().expect("a record").note(&outcome, None);
        if outcome.is_made() {
            ledger.read(&self.client, &path, 404);
        }
        outcome.is_made()
    }

    fn check(&mut self, ledger: &Ledger) {
        self.persons.check(ledger);
        for item in &self.items {
            let answer = settled(|| self.client.call("GET", &item.name));
            let weight = match answer.status {
                404 => None,
                _ => answer.expect(200).json()["weight"].as_f64().map(|weight| weight as u64),
            };
            item.check(&weight, ledger);
        }
    }
}
