//! Accounts are registered; whether one is there, and with its password, a login tells.

use std::sync::Mutex;
use std::thread;

use serde_json::{Value, json};
use testkit::{Answer, Binary, Client, Place};

use crate::crash::known::{Known, State};
use crate::crash::storm::{Subject, Write, Writer};

const WRITERS: usize = 4;

pub(crate) struct AuthSubject {
    place: Place,
}

impl AuthSubject {
    pub(crate) fn new() -> Self {
        Self { place: faults::auth() }
    }
}

impl Subject for AuthSubject {
    fn place(&self) -> &Place {
        &self.place
    }

    fn writers(&self, round: usize, _: &Known) -> Vec<Box<dyn Writer>> {
        let writer = |number| Box::new(Registering { number, round, made: 0 }) as Box<dyn Writer>;
        (0..WRITERS).map(writer).collect()
    }

    /// Logs in as everybody of the last round, two at a time, for it takes a password hash. Those of earlier rounds
    /// did that already: they are registered again, which must be refused, and is before there is anything to hash.
    fn read(&self, service: &mut Binary, known: &Known) -> State {
        let (client, state) = (service.client(), Mutex::new(State::new()));
        let names: Vec<&str> = known.names().collect();
        let last = names.iter().copied().map(round_of).max();
        thread::scope(|scope| {
            for names in names.chunks(names.len().div_ceil(2).max(1)) {
                let (client, state) = (&client, &state);
                scope.spawn(move || {
                    for name in names {
                        let is_old = Some(round_of(name)) != last && known.is_there(name);
                        let is_there = if is_old { is_taken(client, name) } else { logs_in(client, name) };
                        if is_there {
                            let name = (*name).to_owned();
                            state.lock().expect("no panic").insert(name.clone(), name);
                        }
                    }
                });
            }
        });
        state.into_inner().expect("no panic")
    }
}

fn round_of(name: &str) -> usize {
    name.split('.').nth(1).and_then(|round| round.parse().ok()).expect("a name of ours")
}

fn account(name: &str) -> Value {
    json!({"username": name, "password": format!("the password of {name}")})
}

fn is_taken(client: &Client, name: &str) -> bool {
    let answer = client.post("/register", &account(name));
    answer.status != 201 && answer.expect(409).status == 409
}

fn logs_in(client: &Client, name: &str) -> bool {
    let answer = client.post("/login", &account(name));
    answer.status != 401 && answer.expect(200).status == 200
}

struct Registering {
    number: usize,
    round: usize,
    made: usize,
}

impl Writer for Registering {
    fn next(&mut self) -> Write {
        let name = format!("ada.{}.{}.{}", self.round, self.number, self.made);
        Write {
            method: "POST",
            path: "/register".to_owned(),
            body: account(&name),
            of: name.clone(),
            will_be: Some(name),
        }
    }

    fn acknowledged(&mut self, _: &Answer) {
        self.made += 1;
    }
}
