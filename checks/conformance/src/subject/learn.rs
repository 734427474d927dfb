//! Getting to know a version before it is checked: which field names it takes, and how it wants the token.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::{Request, Subject, Token, health_path};
use crate::http::{Exchange, Trouble};
use crate::shape::{holds, login_fields, person_bodies, record_bodies, token_in};
use crate::text::{Text, said};

/// Long, with a digit, a capital and a sign: for versions that ask for these.
pub(crate) const PASSWORD: &str = "Conformance, 1 long password";

/// Where a token goes, as seen in versions of the lab.
const CARRIERS: [(&str, &str); 3] =
    [("Authorization", "Bearer "), ("x-access-token", ""), ("Authorization", "")];

impl Subject {
    /// Learns what it can, and says what that was.
    pub(crate) fn learn(&mut self) -> Vec<Text> {
        self.learn_login();
        if self.token.is_none() {
            self.token = self.log_in();
        }
        self.learn_carrier();
        self.learn_person();
        self.learn_record();
        self.take_trail();
        let record: Vec<_> = self.shape.record.keys().map(String::as_str).collect();
        let (name, record) = (&self.shape.name, record.join(", "));
        let mut learnt = vec![said(
            format!("fields: a person's {name}; a record's {record}"),
            format!("champs : {name} pour une personne ; {record} pour une fiche"),
        )];
        if let Some(Token { header, prefix, .. }) = &self.token {
            learnt.push(said(
                format!("token in: {header}: {prefix}…"),
                format!("jeton dans : {header}: {prefix}…"),
            ));
        }
        learnt
    }

    /// Whether any of its services says anything. One that is silent would cost its patience at every check.
    pub(crate) fn answers(&self) -> bool {
        let doors = [self.person("GET", "/"), self.health("GET", "/"), self.auth("GET", "/")];
        let answers = doors.into_iter().flatten().any(|door| {
            !matches!(door.send().came, Err(Trouble::Refused | Trouble::NoSuchHost | Trouble::Silent(_)))
        });
        self.take_trail();
        answers
    }

    /// A username that nobody has yet.
    pub(crate) fn new_username(&mut self) -> String {
        self.made += 1;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        format!("conf-{now}-{}", self.made)
    }

    fn learn_login(&mut self) {
        for fields in login_fields(&self.fields) {
            self.shape.login = fields;
            let username = self.new_username();
            let body = self.credentials(&username, PASSWORD);
            let register = self.auth("POST", "/register");
            match register.map(|register| register.json(&body).send()) {
                Ok(came) if !came.is_ok() => {}
                _ => return,
            }
        }
        self.shape.login = login_fields(&self.fields).swap_remove(0);
    }

    fn log_in(&mut self) -> Option<Token> {
        let came = match self.fields.login.clone() {
            Some(login) => Request::new(self, "POST", login.url).json(&login.body).send(),
            None => {
                let username = self.new_username();
                let body = self.credentials(&username, PASSWORD);
                self.auth("POST", "/register").ok()?.json(&body).send();
                self.auth("POST", "/login").ok()?.json(&body).send()
            }
        };
        let value = token_in(&came.text()).filter(|_| came.is_ok())?;
        Some(Token { value, header: CARRIERS[0].0.to_owned(), prefix: CARRIERS[0].1 })
    }

    fn learn_carrier(&mut self) {
        let Some(value) = self.token.as_ref().map(|token| token.value.clone()) else { return };
        if let Some(header) = self.fields.token_header.clone() {
            let prefix = if header.eq_ignore_ascii_case("authorization") { "Bearer " } else { "" };
            self.token = Some(Token { value, header, prefix });
            return;
        }
        for (header, prefix) in CARRIERS {
            self.token = Some(Token { value: value.clone(), header: header.to_owned(), prefix });
            let nobody = self.nobody();
            let door = self
                .person("GET", &format!("/persons/{nobody}"))
                .or_else(|_| self.health("GET", &health_path(nobody)));
            // A library answers 422 to a header line that it cannot read.
            if door.is_ok_and(|door| !matches!(door.send().status(), Some(400 | 401 | 403 | 422) | None)) {
                return;
            }
        }
        self.token = Some(Token { value, header: CARRIERS[0].0.to_owned(), prefix: CARRIERS[0].1 });
    }

    fn learn_person(&mut self) {
        let listed = self.person("GET", "/persons").ok().and_then(|list| list.send().json());
        let seen = listed.as_ref().and_then(Value::as_array).and_then(|persons| persons.first());
        for (name, body) in person_bodies(&self.fields, seen) {
            let Ok(door) = self.person("POST", "/persons") else { break };
            let came = door.json(&body.clone().into()).send();
            if self.adopt(&came).is_some() {
                (self.shape.name, self.shape.person) = (name, body);
                break;
            }
            if is_hopeless(&came) {
                break;
            }
        }
        if let Some(fake) = &self.fake_person {
            fake.set_name_field(&self.shape.name);
        }
    }

    /// The first body that comes back whole, or else the first that is taken: a version may ignore what it does not
    /// know, and may also lose what it should keep.
    fn learn_record(&mut self) {
        let mut taken = None;
        for (weight, body) in record_bodies(&self.fields) {
            let Ok(id) = self.somebody() else { break };
            let path = health_path(&id);
            let Ok(door) = self.health("POST", &path) else { break };
            let came = door.json(&body.clone().into()).send();
            if came.is_ok() {
                self.will_have_a_record(&id);
                let read = self.health("GET", &path).ok().and_then(|door| door.send().json());
                let is_whole = read.is_some_and(|read| holds(&read, &body));
                if is_whole || taken.is_none() {
                    taken = Some((weight, body));
                }
                if is_whole {
                    break;
                }
            } else if is_hopeless(&came) {
                break;
            }
        }
        if let Some(taken) = taken {
            (self.shape.weight, self.shape.record) = taken;
        }
    }
}

/// Whether other field names would change nothing.
fn is_hopeless(came: &Exchange) -> bool {
    !came.status().is_some_and(|status| matches!(status, 400 | 409 | 415 | 422 | 500))
}
