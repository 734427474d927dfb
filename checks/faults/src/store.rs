//! A service with a store, which a test starts, kills and starts again.

use std::collections::BTreeSet;
use std::io;

use serde_json::{Value, json};
use testkit::{Answer, Binary, Client, FakePerson, Response, TestDir, eventually};

use crate::services::{self, ada};

/// A service with a store of numbered items: accounts, persons or health records.
pub struct Store {
    /// The name of the service.
    pub service: &'static str,
    /// The variable with the path of the store.
    pub variable: &'static str,
    /// The folder of the service.
    pub dir: TestDir,
    /// The scripted person service that health asks.
    pub fake: Option<FakePerson>,
}

impl Store {
    /// Returns a new store of the service with this name. For health every person exists, and the feed of deletions
    /// fails, so that the file changes only by requests.
    pub fn of(service: &'static str) -> Self {
        let (variable, dir, fake) = match service {
            "auth" => ("AUTH_DB", services::auth(), None),
            "person" => ("PERSON_DB", services::person(), None),
            _ => {
                let fake = FakePerson::start();
                fake.says_of_deletions(Response::Close);
                ("HEALTH_FILE", services::health(&fake.url()), Some(fake))
            }
        };
        Self { service, variable, dir, fake }
    }

    /// Returns the same service with its store at another path.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        Self { dir: self.dir.with(self.variable, path), ..self }
    }

    /// Waits until the process is ready, and returns a client with Ada's token.
    ///
    /// # Errors
    /// Returns the process's error message if it refuses to start.
    pub fn started(&self, process: &mut Binary) -> Result<Client, String> {
        let refused = eventually("the service is ready or refuses to start", || {
            let ready = || process.logs().contains(r#""message":"ready""#).then_some(None);
            self.error(process).map(Some).or_else(ready)
        });
        refused.map_or_else(|| Ok(ada(process)), Err)
    }

    /// Returns the error message with which the process ended.
    pub fn error(&self, process: &Binary) -> Option<String> {
        let start = format!("{}: ", self.service);
        process.logs().lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned))
    }

    /// Creates the item with this number.
    ///
    /// # Errors
    /// Returns an error if the service ends before its answer is complete.
    pub fn write(&self, client: &Client, number: usize) -> io::Result<Answer> {
        let (path, body) = match self.service {
            "auth" => ("/register".to_owned(), account(number)),
            "person" => ("/persons".to_owned(), json!({"name": item_name(number)})),
            _ => (record_path(number), json!({"weight": weight(number)})),
        };
        client.call("POST", &path).json(&body).try_send()
    }

    /// Returns text that occurs in every write of the item with this number, as strace prints it.
    pub fn trace_text(&self, number: usize) -> String {
        if self.service == "health" { format!(r#"weight\":{}}}"#, weight(number)) } else { item_name(number) }
    }

    /// Returns which of these items the store has, each with its content; for person, all items.
    pub fn items(&self, client: &Client, numbers: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let is_there = |number: &usize| match self.service {
            "auth" => match client.post("/login", &account(*number)) {
                answer if answer.status == 401 => false,
                answer => answer.expect(200).status == 200,
            },
            _ => match client.get(&record_path(*number)) {
                answer if answer.status == 404 => false,
                answer => {
                    let record = answer.expect(200).json();
                    assert_eq!(record["weight"].as_f64(), Some(weight(*number)), "{record}");
                    true
                }
            },
        };
        if self.service == "person" {
            return persons(client);
        }
        numbers.into_iter().filter(is_there).collect()
    }
}

fn item_name(number: usize) -> String {
    format!("item{number:06}")
}

fn account(number: usize) -> Value {
    json!({"username": item_name(number), "password": format!("the password of {number}")})
}

fn record_path(number: usize) -> String {
    format!("/health/{}", number + 1)
}

/// Returns a different weight for each number.
fn weight(number: usize) -> f64 {
    (20_000 + number) as f64 / 1000.0
}

/// Returns the numbers of all persons.
fn persons(client: &Client) -> BTreeSet<usize> {
    let mut path = "/persons?limit=1000".to_owned();
    let mut numbers = BTreeSet::new();
    loop {
        let page = client.get(&path).expect(200).json();
        let page = page.as_array().expect("an array");
        for person in page {
            let name = person["name"].as_str().expect("text");
            let number = name.strip_prefix("item").and_then(|number| number.parse().ok());
            assert!(numbers.insert(number.expect("the name of an item")), "{name} is there twice");
        }
        match page.last() {
            Some(last) if page.len() == 1000 => path = format!("/persons?limit=1000&after={}", last["id"]),
            _ => return numbers,
        }
    }
}
