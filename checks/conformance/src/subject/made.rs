//! The persons and records that checks create, and that are deleted at the end.

use std::sync::PoisonError;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::Subject;
use super::request::RequestBuilder;
use crate::http::Exchange;
use crate::outcome::{Stop, skip};
use crate::person::PersonState;
use crate::shape::{health_path, id_in, in_path, object, person_path, unique};
use crate::text::text;

/// Fits a 32-bit column, and no service counts that far in a lesson.
const UNUSED_ID: &str = "1999999973";
const UNUSED_UUID: &str = "00000000-0000-4000-8000-000000000000";

impl Subject {
    /// Returns an id that no person has.
    pub(crate) fn unused_id(&self) -> &'static str {
        if self.has_integer_ids { UNUSED_ID } else { UNUSED_UUID }
    }

    /// Returns an unused username.
    pub(crate) fn new_username(&mut self) -> String {
        self.names += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        format!("conf-{now}-{}", self.names)
    }

    /// Returns the body for a register or a login.
    pub(crate) fn credentials(&self, username: &str, password: &str) -> Value {
        let [user, pass] = &self.shape.login;
        json!({user: username, pass: password})
    }

    /// Returns the body that creates a person of this name.
    pub(crate) fn person_body(&self, name: impl Into<Value>) -> Value {
        let mut body = unique(&self.shape.person);
        body.insert(self.shape.name.clone(), name.into());
        body.into()
    }

    /// Returns the field with a person's name.
    pub(crate) fn name_field(&self) -> &str {
        &self.shape.name
    }

    /// Sends a body for a new person to the real person service.
    pub(crate) fn post_person(&mut self, body: &Value) -> Result<Exchange, Stop> {
        let exchange = self.person("POST", "/persons")?.json(body.clone()).send();
        self.track_person(&exchange);
        Ok(exchange)
    }

    /// Creates a person in the real person service, and returns the id.
    pub(crate) fn new_person(&mut self) -> Result<String, Stop> {
        self.names += 1;
        let name = format!("Conformance {}", self.names);
        let exchange = self.post_person(&self.person_body(name))?;
        match created_id(&exchange) {
            Some(id) => Ok(id),
            None => skip(text(
                "no person could be created: see `person-create` first",
                "aucune personne n'a pu être créée : voir d'abord `person-create`",
            )),
        }
    }

    /// Returns the id in the response if it created a person, and deletes that person at the end.
    pub(crate) fn track_person(&mut self, exchange: &Exchange) -> Option<String> {
        let id = created_id(exchange)?;
        self.has_integer_ids = id.parse::<u64>().is_ok();
        self.track_created(exchange);
        Some(id)
    }

    /// Deletes the person whom a request created at the end. A person who was there before stays, even if the version
    /// gave the id of that person again.
    pub(crate) fn track_created(&self, exchange: &Exchange) {
        let Some(id) = created_id(exchange).filter(|id| !self.copy.has_person(id)) else { return };
        self.persons.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    /// Returns the id of a new person in the person service that health asks, fake or real. Health has no record yet.
    pub(crate) fn someone(&mut self) -> Result<String, Stop> {
        let id = match &self.fake_person {
            None => self.new_person()?,
            Some(fake) => {
                self.next_fake_id += 1;
                let id = self.next_fake_id.to_string();
                fake.add_person(&id);
                id
            }
        };
        self.records.push(id.clone());
        Ok(id)
    }

    /// Deletes a person from the person service that health asks.
    pub(crate) fn delete_someone(&self, id: &str) -> Result<(), Stop> {
        match &self.fake_person {
            Some(fake) => fake.remove_person(id),
            None => self.person("DELETE", &person_path(id))?.send().must_be_ok()?,
        }
        Ok(())
    }

    /// Makes the fake person service know a person with this id again.
    pub(crate) fn exists_again(&self, id: &str) {
        self.fake_person.iter().for_each(|fake| fake.add_person(id));
    }

    /// Returns a health record.
    pub(crate) fn record(&self) -> Map<String, Value> {
        unique(&self.shape.record)
    }

    /// Returns a health record with this weight.
    pub(crate) fn record_weighing(&self, weight: impl Into<Value>) -> Map<String, Value> {
        let mut record = self.record();
        record.insert(self.shape.weight.clone(), weight.into());
        record
    }

    /// Returns a health record with a weight only.
    pub(crate) fn only_weight(&self, weight: impl Into<Value>) -> Map<String, Value> {
        object(&[(&self.shape.weight, weight.into())])
    }

    /// Sends a body for the record of a new person.
    pub(crate) fn post_record(&mut self, body: impl Into<Value>) -> Result<Exchange, Stop> {
        let path = health_path(&self.someone()?);
        Ok(self.health("POST", &path)?.json(body).send())
    }

    /// Creates a record for a new person, and returns the person's id.
    pub(crate) fn new_record(&mut self) -> Result<String, Stop> {
        let id = self.someone()?;
        let exchange = self.health("POST", &health_path(&id))?.json(self.record()).send();
        if exchange.is_ok() {
            return Ok(id);
        }
        skip(text(
            "no record could be created: see `health-create` first",
            "aucune fiche n'a pu être créée : voir d'abord `health-create`",
        ))
    }

    /// Deletes the persons and records. Failures are ignored: the version may have no such route.
    pub(crate) fn clean_up(&mut self) {
        // Health deletes nothing unless the person exists.
        let _ = self.set_person(PersonState::Healthy);
        for id in std::mem::take(&mut self.records) {
            self.fake_person.iter().for_each(|fake| fake.add_person(&id));
            let _ = self.health("DELETE", &health_path(&id)).map(RequestBuilder::send);
        }
        let persons = std::mem::take(&mut *self.persons.lock().unwrap_or_else(PoisonError::into_inner));
        for id in persons {
            let _ = self.person("DELETE", &person_path(&id)).map(RequestBuilder::send);
        }
        self.take_exchanges();
    }
}

/// Returns the id of the person whom a request created.
pub(crate) fn created_id(exchange: &Exchange) -> Option<String> {
    let person = exchange.json().filter(|_| exchange.is_ok())?;
    id_in(&person).map(in_path)
}
