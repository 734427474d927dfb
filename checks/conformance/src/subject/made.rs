//! The persons and records that checks have made, and that are tidied away at the end.

use serde_json::{Map, Value};

use super::{PersonState, Request, Subject, health_path};
use crate::check::{Stop, skip};
use crate::http::Exchange;
use crate::shape::{id_in, in_path, object};
use crate::text::text;

/// Whom nobody made before: a version that answers with the person of that name who is there already must not have
/// them deleted in the end.
pub(crate) const ADA: &str = "Conformance Ada";

impl Subject {
    /// A name that nobody has yet.
    pub(crate) fn new_name(&mut self) -> String {
        self.made += 1;
        format!("Conformance {}", self.made)
    }

    /// Has the real person service make a person; gives the id.
    pub(crate) fn new_person(&mut self) -> Result<String, Stop> {
        let name = self.new_name();
        let came = self.person("POST", "/persons")?.json(&self.person_body(name)).send();
        match self.adopt(&came) {
            Some(id) => Ok(id),
            None => skip(text(
                "no person could be made: see `person-create` first",
                "aucune personne n'a pu être créée : voir d'abord `person-create`",
            )),
        }
    }

    /// The id of a person who was just made, if one was; it will be tidied away.
    pub(crate) fn adopt(&mut self, came: &Exchange) -> Option<String> {
        let made = came.json().filter(|_| came.is_ok())?;
        let id = in_path(id_in(&made)?);
        self.counts_ids = id.parse::<u64>().is_ok();
        self.persons.push(id.clone());
        Some(id)
    }

    /// Somebody who exists as far as health can know: played, or made by the real person service.
    pub(crate) fn somebody(&mut self) -> Result<String, Stop> {
        let Some(fake) = &self.fake_person else { return self.new_person() };
        self.next_fake_id += 1;
        let id = self.next_fake_id.to_string();
        fake.add_person(&id);
        Ok(id)
    }

    /// Has somebody cease to exist.
    pub(crate) fn delete_somebody(&self, id: &str) -> Result<(), Stop> {
        match &self.fake_person {
            Some(fake) => fake.remove_person(id),
            None => self.person("DELETE", &format!("/persons/{id}"))?.send().must_be_ok()?,
        }
        Ok(())
    }

    /// A health record.
    pub(crate) fn record(&self) -> Map<String, Value> {
        self.shape.record.clone()
    }

    /// The same with another weight.
    pub(crate) fn record_weighing(&self, weight: impl Into<Value>) -> Map<String, Value> {
        let mut record = self.record();
        record.insert(self.shape.weight.clone(), weight.into());
        record
    }

    /// A record of the weight alone.
    pub(crate) fn only_weight(&self, weight: impl Into<Value>) -> Map<String, Value> {
        object(&[(&self.shape.weight, weight.into())])
    }

    /// Makes a record for somebody; gives who it is.
    pub(crate) fn new_record(&mut self) -> Result<String, Stop> {
        let id = self.somebody()?;
        self.will_have_a_record(&id);
        let came = self.health("POST", &health_path(&id))?.json(&self.record().into()).send();
        if came.is_ok() {
            return Ok(id);
        }
        skip(text(
            "no record could be made: see `health-create` first",
            "aucune fiche n'a pu être créée : voir d'abord `health-create`",
        ))
    }

    /// What is recorded of somebody will be tidied away.
    pub(crate) fn will_have_a_record(&mut self, id: &str) {
        self.records.push(id.to_owned());
    }

    /// Deletes what was made. What fails is left: there may be no such route.
    pub(crate) fn tidy_up(&mut self) {
        // Whoever is played must be there, or health will not delete.
        let _ = self.set_person(PersonState::Healthy);
        for id in std::mem::take(&mut self.records) {
            self.fake_person.iter().for_each(|fake| fake.add_person(&id));
            let _ = self.health("DELETE", &health_path(&id)).map(Request::send);
        }
        for id in std::mem::take(&mut self.persons) {
            let _ = self.person("DELETE", &format!("/persons/{id}")).map(Request::send);
        }
        self.take_trail();
    }
}
