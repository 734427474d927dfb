//! Registers accounts and logs in.

use serde_json::{Value, json};
use testkit::Client;

use super::super::ledger::{Fault, Item, Ledger, settled};
use super::Writer;

pub(super) struct Accounts {
    client: Client,
    /// Whether each account is there.
    items: Vec<Item<bool>>,
}

impl Accounts {
    pub(super) fn new(client: Client) -> Self {
        Self { client, items: Vec::new() }
    }
}

impl Writer for Accounts {
    fn step(&mut self, ledger: &Ledger) -> bool {
        let mut item = Item::new(&format!("account{}", self.items.len()), false);
        let register = || self.client.call("POST", "/register").json(&credentials(&item.name));
        let outcome = ledger.allowed_write(register());
        if outcome.is_made() {
            if ledger.write(register()).is_made() {
                ledger.found(Fault::Doubled, item.name.clone());
            }
            ledger.allowed_write(self.client.call("POST", "/login").json(&credentials(&item.name)));
        }
        item.note(&outcome, true);
        self.items.push(item);
        outcome.is_made()
    }

    fn check(&mut self, ledger: &Ledger) {
        for item in &self.items {
            let answer = settled(|| self.client.call("POST", "/login").json(&credentials(&item.name)));
            item.check(&(answer.status == 200), ledger);
            if answer.status != 200 {
                let _ = answer.expect(401);
            }
        }
    }
}

fn credentials(name: &str) -> Value {
    json!({"username": name, "password": format!("the password of {name}")})
}
