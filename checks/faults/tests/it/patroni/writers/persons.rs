//! Creates persons, with or without an `Idempotency-Key`, and deletes some of them.

use std::collections::BTreeMap;

use serde_json::json;
use testkit::{Answer, Call, Client};

use super::super::ledger::{Fault, Item, Ledger, Outcome, settled};
use super::{Writer, user};

pub(super) struct Persons {
    client: Client,
    tag: String,
    keyed: bool,
    /// Whether each person is there, and its id if it is known.
    items: Vec<(Item<bool>, Option<u64>)>,
    /// The last creation is repeated with its key.
    repeats: bool,
}

impl Persons {
    pub(super) fn new(client: &Client, tag: &str, keyed: bool) -> Self {
        Self { client: user(client, tag), tag: tag.to_owned(), keyed, items: Vec::new(), repeats: false }
    }

    /// Creates the next person, or repeats the last creation. Returns its id.
    pub(super) fn create(&mut self, ledger: &Ledger) -> Option<u64> {
        if !self.repeats {
            let name = format!("{}-{}", self.tag, self.items.len());
            self.items.push((Item::new(&name, false), None));
        }
        let (item, known) = self.items.last_mut().expect("a person");
        let outcome = ledger.allowed_write(creation(&self.client, &item.name, self.keyed));
        item.note(&outcome, true);
        let Outcome::Made(answer) = outcome else {
            // The key makes it safe to repeat.
            self.repeats = self.keyed;
            return None;
        };
        let id = answer.json()["id"].as_u64().expect("an id");
        ledger.issued(id, &item.name);
        if known.is_some_and(|known| known != id) {
            ledger.found(Fault::Doubled, format!("{}: {known:?} and {id}", item.name));
        }
        self.repeats = self.keyed && known.is_none();
        *known = Some(id);
        ledger.read(&self.client, &format!("/persons/{id}"), 200);
        Some(id)
    }

    /// Deletes the last person.
    pub(super) fn delete(&mut self, ledger: &Ledger) -> Outcome {
        let (item, id) = self.items.last_mut().expect("a person");
        let path = format!("/persons/{}", id.expect("it was created"));
        let outcome = ledger.allowed_write(self.client.call("DELETE", &path));
        item.note(&outcome, false);
        if outcome.is_made() {
            ledger.read(&self.client, &path, 404);
        }
        outcome
    }

    pub(super) fn count(&self) -> usize {
        self.items.len()
    }
}

impl Writer for Persons {
    fn step(&mut self, ledger: &Ledger) -> bool {
        let created = self.create(ledger).is_some();
        // A person whose creation is to be repeated stays: else the answer would name one that is gone.
        if created && !self.keyed && self.count().is_multiple_of(3) {
            return self.delete(ledger).is_made();
        }
        created
    }

    fn check(&mut self, ledger: &Ledger) {
        let found = persons(&self.client);
        for (item, known) in &self.items {
            let ids = found.get(&item.name).map(Vec::as_slice).unwrap_or_default();
            item.check(&!ids.is_empty(), ledger);
            if ids.len() > 1 || known.is_some_and(|known| ids.first().is_some_and(|id| *id != known)) {
                ledger.found(Fault::Doubled, format!("{}: {known:?}, then {ids:?}", item.name));
            }
        }
    }
}

fn creation(client: &Client, name: &str, keyed: bool) -> Call {
    let call = client.call("POST", "/persons").json(&json!({"name": name}));
    if keyed { call.header("Idempotency-Key", name) } else { call }
}

/// Returns the ids of all persons that the user may see, by name.
fn persons(client: &Client) -> BTreeMap<String, Vec<u64>> {
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut after = 0;
    loop {
        let path = format!("/persons?limit=1000&after={after}");
        let page: Answer = settled(|| client.call("GET", &path)).expect(200);
        let page = page.json().as_array().cloned().expect("an array");
        if page.is_empty() {
            return found;
        }
        for person in page {
            let id = person["id"].as_u64().expect("an id");
            assert!(id > after, "the pages never end");
            after = id;
            let name = person["name"].as_str().expect("text").to_owned();
            found.entry(name).or_default().push(after);
        }
    }
}
