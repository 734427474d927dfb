//! The version under test as checks see it: they ask its services, have persons and records made, and need not
//! know what its fields are called, where the token goes, or whether person is the real one or played.

mod learn;
mod made;
mod person;
mod request;

use std::sync::{Mutex, PoisonError};

use fake_person::FakePerson;
use serde_json::{Value, json};

use crate::Plan;
use crate::check::{Stop, skip};
use crate::fields::Fields;
use crate::http::{Client, Exchange};
use crate::shape::Shape;
use crate::text::{Text, text};

pub(crate) use learn::PASSWORD;
pub(crate) use made::ADA;
pub(crate) use person::{PersonState, start_fake_person};
pub(crate) use request::Request;

/// Fits a 32-bit column, and no service counts that far in a lesson.
const NOBODY: &str = "1999999973";
const NOBODY_BY_UUID: &str = "00000000-0000-4000-8000-000000000000";

/// The version under test.
#[derive(Debug)]
pub(crate) struct Subject {
    client: Client,
    person: Option<String>,
    health: Option<String>,
    auth: Option<String>,
    fake_person: Option<FakePerson>,
    next_fake_id: i64,
    token: Option<Token>,
    shape: Shape,
    fields: Fields,
    counts_ids: bool,
    /// An operation before which health asks person, once one is known.
    pub(crate) asks_on: Option<&'static str>,
    made: u32,
    persons: Vec<String>,
    records: Vec<String>,
    trail: Mutex<Vec<Exchange>>,
    request_log: Vec<Text>,
}

/// A token, and the header line that carries it.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) header: String,
    pub(crate) prefix: &'static str,
}

impl Subject {
    /// The version that a plan names, of which nothing is known yet.
    pub(crate) fn new(plan: Plan, fake_person: Option<FakePerson>) -> Self {
        Self {
            client: Client::new(plan.patience),
            person: plan.person,
            health: plan.health,
            auth: plan.auth,
            fake_person,
            next_fake_id: person::first_fake_id(),
            token: plan.token.map(|value| Token {
                value,
                header: "Authorization".to_owned(),
                prefix: "Bearer ",
            }),
            shape: Shape::of(&plan.fields),
            fields: plan.fields,
            counts_ids: true,
            asks_on: None,
            made: 0,
            persons: Vec::new(),
            records: Vec::new(),
            trail: Mutex::default(),
            request_log: Vec::new(),
        }
    }

    /// A request to person.
    pub(crate) fn person(&self, method: &str, path: &str) -> Result<Request<'_>, Stop> {
        let none = text(
            "the real person service was not given: `--person URL`",
            "le vrai service person n'a pas été indiqué : `--person URL`",
        );
        self.request(&self.person, none, method, path)
    }

    /// A request to health.
    pub(crate) fn health(&self, method: &str, path: &str) -> Result<Request<'_>, Stop> {
        let none = text("no health service was given", "aucun service health n'a été indiqué");
        self.request(&self.health, none, method, path)
    }

    /// A request to auth.
    pub(crate) fn auth(&self, method: &str, path: &str) -> Result<Request<'_>, Stop> {
        let none = text(
            "no auth service was given: `--auth URL`",
            "aucun service auth n'a été indiqué : `--auth URL`",
        );
        Ok(self.request(&self.auth, none, method, path)?.without_token())
    }

    fn request(
        &self,
        base: &Option<String>,
        none: Text,
        method: &str,
        path: &str,
    ) -> Result<Request<'_>, Stop> {
        let Some(base) = base else { return skip(none) };
        Ok(Request::new(self, method, format!("{}{path}", base.trim_end_matches('/'))))
    }

    /// What makes a person of this name.
    pub(crate) fn person_body(&self, name: impl Into<Value>) -> Value {
        let mut body = self.shape.person.clone();
        body.insert(self.shape.name.clone(), name.into());
        body.into()
    }

    /// The field with a person's name.
    pub(crate) fn name_field(&self) -> &str {
        &self.shape.name
    }

    /// An id that nobody has.
    pub(crate) fn nobody(&self) -> &'static str {
        if self.counts_ids { NOBODY } else { NOBODY_BY_UUID }
    }

    /// The token that requests carry.
    pub(crate) fn token(&self) -> Result<&Token, Stop> {
        match &self.token {
            Some(token) => Ok(token),
            None => skip(text(
                "needs a token: `--token`, `--auth` or a login in `--fields`",
                "demande un jeton : `--token`, `--auth` ou un login dans `--fields`",
            )),
        }
    }

    /// What a username and a password are sent as.
    pub(crate) fn credentials(&self, username: &str, password: &str) -> Value {
        let [user, pass] = &self.shape.login;
        json!({user: username, pass: password})
    }

    pub(crate) fn remember(&self, exchange: &Exchange) {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).push(exchange.clone());
    }

    /// What was sent and came since this was last asked.
    pub(crate) fn take_trail(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.trail.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The path of a person's record.
pub(crate) fn health_path(id: &str) -> String {
    format!("/health/{id}")
}
