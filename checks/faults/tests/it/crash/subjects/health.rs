//! Records are added, replaced, and some taken away, of persons of whom each writer has a few.

use serde_json::json;
use testkit::{Answer, Binary, FakePerson, Place, Say, tokens};

use crate::crash::known::{Known, State};
use crate::crash::storm::{Subject, Write, Writer};

const WRITERS: usize = 8;
const PERSONS_EACH: usize = 5;
/// Above whatever a store held before.
const FIRST: usize = 1_000_000;

pub(crate) struct HealthSubject {
    place: Place,
    _person: FakePerson,
}

impl HealthSubject {
    pub(crate) fn new() -> Self {
        let person = FakePerson::start();
        // Else health writes of itself how far it has followed.
        person.says_of_deletions(Say::Close);
        Self { place: faults::health(&person.url()), _person: person }
    }
}

impl Subject for HealthSubject {
    fn place(&self) -> &Place {
        &self.place
    }

    fn writers(&self, round: usize, known: &Known) -> Vec<Box<dyn Writer>> {
        let writer = |number: usize| {
            let first = FIRST + number * PERSONS_EACH;
            let ids = (first..first + PERSONS_EACH).map(|id| id.to_string());
            let persons = ids.map(|id| (known.is_there(&id), id)).collect();
            Box::new(Measurer { persons, turn: 0, round }) as Box<dyn Writer>
        };
        (0..WRITERS).map(writer).collect()
    }

    fn read(&self, service: &mut Binary, known: &Known) -> State {
        let ada = service.client().with_token(&tokens::user("ada"));
        let mut state = State::new();
        for id in known.names() {
            let answer = ada.get(&format!("/health/{id}"));
            if answer.status != 404 {
                state.insert(id.to_owned(), answer.expect(200).text().trim_end().to_owned());
            }
        }
        state
    }
}

/// Takes its persons in turn; a record that is there is replaced, or every seventh time taken away.
struct Measurer {
    persons: Vec<(bool, String)>,
    turn: usize,
    round: usize,
}

impl Writer for Measurer {
    fn next(&mut self) -> Write {
        let (there, id) = &self.persons[self.turn % self.persons.len()];
        let body = json!({"weight": 1 + (self.round * 137 + self.turn) % 699});
        let (method, will_be) = match there {
            false => ("POST", Some(body.to_string())),
            true if self.turn % 7 == 6 => ("DELETE", None),
            true => ("PUT", Some(body.to_string())),
        };
        Write { method, path: format!("/health/{id}"), body, of: id.clone(), will_be }
    }

    fn acknowledged(&mut self, answer: &Answer) {
        let turn = self.turn % self.persons.len();
        self.persons[turn].0 = answer.status != 204;
        self.turn += 1;
    }
}
