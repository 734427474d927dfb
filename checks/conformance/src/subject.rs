//! The version under test, as checks see it: they send requests to its services and have persons and records created.
//! They need not know how its fields are called, where the token goes, or whether person is real or fake.

pub(crate) mod copy;
pub(crate) mod door;
mod entry;
mod fake;
mod learn;
pub(crate) mod login;
pub(crate) mod made;
pub(crate) mod request;
mod restart;
pub(crate) mod route;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use fake_person::FakePerson;

use copy::Copy;
use door::Door;
use login::Login;
use request::Redirected;
use route::{Route, Trial};

use crate::fields::Fields;
use crate::http::{Client, Exchange};
use crate::outcome::{Stop, skip};
use crate::plan::Plan;
use crate::shape::Shape;
use crate::text::{Text, text};

/// The version under test.
#[derive(Debug)]
pub(crate) struct Subject {
    client: Client,
    person: Option<String>,
    health: Option<String>,
    auth: Option<String>,
    auth_guesses: Vec<String>,
    /// Where accounts are registered, if that is possible.
    pub(crate) register: Option<String>,
    pub(crate) login: Option<Login>,
    logins_tried: usize,
    person_door: Door,
    health_door: Door,
    trials: BTreeMap<Route, Trial>,
    copy: Copy,
    redirected: Vec<Redirected>,
    fake_person: Option<FakePerson>,
    restart_command: Option<String>,
    next_fake_id: u64,
    token: Option<Token>,
    shape: Shape,
    fields: Fields,
    has_integer_ids: bool,
    /// The operations for which health asks person, once they are known.
    pub(crate) asks_on: Option<Vec<&'static str>>,
    /// A counter that makes names unique.
    names: u32,
    persons: Mutex<Vec<String>>,
    records: Vec<String>,
    exchanges: Mutex<Vec<Exchange>>,
    request_log: Vec<Text>,
}

/// A token, and the header that carries it.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) header: String,
    pub(crate) prefix: &'static str,
}

impl Token {
    fn bearer(value: String) -> Self {
        Self { value, header: "Authorization".to_owned(), prefix: "Bearer " }
    }
}

impl Subject {
    /// Returns the version of a plan, of which nothing is known yet.
    pub(crate) fn new(plan: Plan) -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self {
            client: Client::new(plan.patience),
            person: plan.person,
            health: plan.health,
            auth: plan.auth,
            auth_guesses: plan.auth_guesses,
            register: None,
            login: None,
            logins_tried: 0,
            person_door: Door::default(),
            health_door: Door::default(),
            trials: BTreeMap::new(),
            copy: Copy::default(),
            redirected: Vec::new(),
            fake_person: None,
            restart_command: plan.restart,
            // Earlier runs have left no records under these ids, and a 32-bit column holds them.
            next_fake_id: 100_000_000 + seconds % 1_000_000 * 1000,
            token: plan.token.map(Token::bearer),
            shape: Shape::of(&plan.fields),
            fields: plan.fields,
            has_integer_ids: true,
            asks_on: None,
            names: 0,
            persons: Mutex::default(),
            records: Vec::new(),
            exchanges: Mutex::default(),
            request_log: Vec::new(),
        }
    }

    /// Returns the token that requests carry.
    pub(crate) fn token(&self) -> Result<&Token, Stop> {
        match &self.token {
            Some(token) => Ok(token),
            None => skip(text(
                "no login was found: give `--token`, `--auth` or a login in `--fields`",
                "aucun login trouvé : indiquez `--token`, `--auth` ou un login dans `--fields`",
            )),
        }
    }

    /// Takes person's place: requests of health go to this fake from now on.
    pub(crate) fn play_person(&mut self, fake: FakePerson) {
        self.fake_person = Some(fake);
    }

    fn remember(&self, exchange: &Exchange) {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange.clone());
    }

    /// Takes the exchanges since the last call.
    pub(crate) fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.exchanges.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns what the lab's French text calls a service.
pub(crate) fn service_name(name: &str) -> &'static str {
    match name {
        "person" => "le service Personne",
        "health" => "le service Santé",
        _ => "le service Auth",
    }
}
