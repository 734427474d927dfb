//! Learns the names of a version before the checks: its fields, its paths, and the header of the token.

use serde_json::Value;

use super::Subject;
use super::made::created_id;
use crate::http::{Exchange, ExchangeError};
use crate::shape::{holds, person_bodies, record_bodies, unique};
use crate::text::{Text, formatted};

impl Subject {
    /// Learns the names, and returns them for the report.
    pub(crate) fn learn(&mut self) -> Vec<Text> {
        self.try_doors();
        self.learn_slashes();
        self.copy_store();
        self.learn_person();
        self.learn_record();
        self.add_own_to_copy();
        self.take_exchanges();
        let record: Vec<_> = self.shape.record.keys().map(String::as_str).collect();
        let (name, record) = (&self.shape.name, record.join(", "));
        let mut learnt = self.entry_text();
        learnt.push(formatted(
            format!("fields: a person's {name}; a record's {record}"),
            format!("champs : {name} pour une personne ; {record} pour une fiche"),
        ));
        learnt
    }

    /// Whether any of its services answers. Otherwise every check would wait for a timeout.
    pub(crate) fn answers(&self) -> bool {
        self.answering().contains(&true)
    }

    /// Whether all of its services answer.
    pub(super) fn all_answer(&self) -> bool {
        !self.answering().contains(&false)
    }

    fn answering(&self) -> Vec<bool> {
        let requests = [self.person("GET", "/"), self.health("GET", "/"), self.auth("GET", "/")];
        let answers = requests.into_iter().flatten().map(|request| {
            !matches!(
                request.send().response,
                Err(ExchangeError::Refused | ExchangeError::NoSuchHost | ExchangeError::Timeout(_))
            )
        });
        let answers = answers.collect();
        self.take_exchanges();
        answers
    }

    fn learn_person(&mut self) {
        let listed = self.person("GET", "/persons").ok().and_then(|list| list.send().json());
        let seen = listed.as_ref().and_then(Value::as_array).and_then(|persons| persons.first());
        for (name, body) in person_bodies(&self.fields, seen) {
            let Ok(exchange) = self.post_person(&unique(&body).into()) else { break };
            if created_id(&exchange).is_some() {
                (self.shape.name, self.shape.person) = (name, body);
                break;
            }
            if is_hopeless(&exchange) {
                break;
            }
        }
        if let Some(fake) = &self.fake_person {
            fake.set_name_field(&self.shape.name);
        }
    }

    /// Learns the first body that is returned whole, or else the first that is accepted: a version may ignore unknown
    /// fields, and may also lose known ones.
    fn learn_record(&mut self) {
        let mut accepted = None;
        for (weight, body) in record_bodies(&self.fields) {
            let Ok(exchange) = self.post_record(body.clone()) else { break };
            if exchange.is_ok() {
                let read = self.health("GET", &exchange.path()).ok().and_then(|read| read.send().json());
                let is_whole = read.is_some_and(|read| holds(&read, &body));
                if is_whole || accepted.is_none() {
                    accepted = Some((weight, body));
                }
                if is_whole {
                    break;
                }
            } else if is_hopeless(&exchange) {
                break;
            }
        }
        if let Some(accepted) = accepted {
            (self.shape.weight, self.shape.record) = accepted;
        }
    }
}

/// Whether other field names would not help.
fn is_hopeless(exchange: &Exchange) -> bool {
    !exchange.status().is_some_and(|status| matches!(status, 400 | 409 | 415 | 422 | 500))
}
