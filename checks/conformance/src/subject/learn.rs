//! Learns the names of a version before the checks: which fields its bodies have, and which header carries the token.

use serde_json::Value;

use super::made::created_id;
use super::{Subject, Token};
use crate::http::{Exchange, ExchangeError};
use crate::shape::{
    PASSWORD, health_path, holds, login_fields, person_bodies, person_path, record_bodies, token_in,
};
use crate::text::{Text, formatted};

/// Where versions of the lab expect the token: a header, and the text before the token.
const CARRIERS: [(&str, &str); 3] =
    [("Authorization", "Bearer "), ("x-access-token", ""), ("Authorization", "")];

impl Subject {
    /// Learns the names, and returns them for the report.
    pub(crate) fn learn(&mut self) -> Vec<Text> {
        self.learn_login();
        if self.token.is_none() {
            self.token = self.log_in();
        }
        self.learn_carrier();
        self.learn_person();
        self.learn_record();
        self.take_exchanges();
        let record: Vec<_> = self.shape.record.keys().map(String::as_str).collect();
        let (name, record) = (&self.shape.name, record.join(", "));
        let mut learnt = vec![formatted(
            format!("fields: a person's {name}; a record's {record}"),
            format!("champs : {name} pour une personne ; {record} pour une fiche"),
        )];
        if let Some(Token { header, prefix, .. }) = &self.token {
            learnt.push(formatted(
                format!("token in: {header}: {prefix}…"),
                format!("jeton dans : {header}: {prefix}…"),
            ));
        }
        learnt
    }

    /// Whether any of its services answers. Otherwise every check would wait for a timeout.
    pub(crate) fn answers(&self) -> bool {
        let requests = [self.person("GET", "/"), self.health("GET", "/"), self.auth("GET", "/")];
        let answers = requests.into_iter().flatten().any(|request| {
            !matches!(
                request.send().response,
                Err(ExchangeError::Refused | ExchangeError::NoSuchHost | ExchangeError::Timeout(_))
            )
        });
        self.take_exchanges();
        answers
    }

    fn learn_login(&mut self) {
        for fields in login_fields(&self.fields) {
            self.shape.login = fields;
            let username = self.new_username();
            let body = self.credentials(&username, PASSWORD);
            let register = self.auth("POST", "/register").map(|register| register.json(body).send());
            if register.is_err() || register.is_ok_and(|exchange| exchange.is_ok()) {
                return;
            }
        }
        self.shape.login = login_fields(&self.fields).swap_remove(0);
    }

    fn log_in(&mut self) -> Option<Token> {
        let exchange = match self.fields.login.clone() {
            Some(login) => self.request_to("POST", login.url).json(login.body).send(),
            None => {
                let username = self.new_username();
                let body = self.credentials(&username, PASSWORD);
                self.auth("POST", "/register").ok()?.json(body.clone()).send();
                self.auth("POST", "/login").ok()?.json(body).send()
            }
        };
        token_in(&exchange.text()).filter(|_| exchange.is_ok()).map(Token::bearer)
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
            let id = self.unused_id();
            let read = self.person("GET", &person_path(id)).or_else(|_| self.health("GET", &health_path(id)));
            // One library answers 422 to a token header that it cannot parse.
            if read.is_ok_and(|read| !matches!(read.send().status(), Some(400 | 401 | 403 | 422) | None)) {
                return;
            }
        }
        self.token = Some(Token::bearer(value));
    }

    fn learn_person(&mut self) {
        let listed = self.person("GET", "/persons").ok().and_then(|list| list.send().json());
        let seen = listed.as_ref().and_then(Value::as_array).and_then(|persons| persons.first());
        for (name, body) in person_bodies(&self.fields, seen) {
            let Ok(exchange) = self.post_person(&body.clone().into()) else { break };
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
