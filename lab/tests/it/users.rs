//! Users of the lab, in this process, in another or in containers.

use std::net::SocketAddr;

use serde_json::{Value, json};
use testkit::{Answer, Client};

/// The password of every user.
pub(crate) const PASSWORD: &str = "analytical engine";

/// The addresses of the three services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Services {
    pub(crate) auth: SocketAddr,
    pub(crate) person: SocketAddr,
    pub(crate) health: SocketAddr,
}

impl Services {
    /// Registers a user and logs in.
    pub(crate) fn sign_up(&self, name: &str) -> User {
        let account = json!({"username": name, "password": PASSWORD});
        let _ = Client::new(self.auth).post("/register", &account).expect(201);
        self.log_in(name)
    }

    /// Logs in a registered user.
    pub(crate) fn log_in(&self, name: &str) -> User {
        let login = self.try_log_in(name).expect(200).json();
        self.with_token(login["access_token"].as_str().expect("a token"))
    }

    /// Returns the answer to a login.
    pub(crate) fn try_log_in(&self, name: &str) -> Answer {
        Client::new(self.auth).post("/login", &json!({"username": name, "password": PASSWORD}))
    }

    /// The user with this token.
    pub(crate) fn with_token(&self, token: &str) -> User {
        let client = |address| Client::new(address).with_token(token);
        let Self { auth, person, health } = *self;
        let (auth, person, health) = (client(auth), client(person), client(health));
        User { services: *self, token: token.to_owned(), auth, person, health }
    }
}

/// A user's token, and a client of each service that sends it.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) services: Services,
    pub(crate) token: String,
    pub(crate) auth: Client,
    pub(crate) person: Client,
    pub(crate) health: Client,
}

impl User {
    /// Creates a person and returns the id.
    pub(crate) fn create_person(&self, name: &str) -> i64 {
        let person = self.person.post("/persons", &json!({"name": name})).expect(201).json();
        person["id"].as_i64().expect("an id")
    }

    /// Creates a person with a health record and returns the id.
    pub(crate) fn create_measured_person(&self, name: &str, record: &Value) -> i64 {
        let id = self.create_person(name);
        let _ = self.measure(id, record).expect(201);
        id
    }

    /// Adds a health record.
    pub(crate) fn measure(&self, id: i64, record: &Value) -> Answer {
        self.health.post(&format!("/health/{id}"), record)
    }

    /// Reads a health record.
    pub(crate) fn record(&self, id: i64) -> Answer {
        self.health.get(&format!("/health/{id}"))
    }

    /// Deletes a person.
    pub(crate) fn delete_person(&self, id: i64) {
        let _ = self.person.delete(&format!("/persons/{id}")).expect(204);
    }

    /// Returns the names of the persons in the user's list.
    pub(crate) fn names(&self) -> Vec<String> {
        let persons = self.person.get("/persons?limit=1000").expect(200).json();
        let name = |person: &Value| person["name"].as_str().expect("a name").to_owned();
        persons.as_array().expect("an array").iter().map(name).collect()
    }

    /// Tries every operation on a health record and returns the answers.
    pub(crate) fn try_everything_on_record(&self, id: i64) -> Vec<Answer> {
        let (path, record) = (format!("/health/{id}"), json!({"weight": 70}));
        let health = &self.health;
        vec![
            health.get(&path),
            health.post(&path, &record),
            health.put(&path, &record),
            health.patch(&path, &record),
            health.delete(&path),
        ]
    }
}
