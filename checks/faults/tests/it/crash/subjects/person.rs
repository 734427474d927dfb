//! Persons are made, renamed, and some deleted again.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};
use testkit::{Answer, Binary, Place, tokens};

use crate::crash::known::{Known, State};
use crate::crash::storm::{Subject, Write, Writer};

const WRITERS: usize = 8;
const PAGE: usize = 1000;

pub(crate) struct PersonSubject {
    place: Place,
    /// Every id and whose it is: no id may be of two.
    ids: Mutex<BTreeSet<(i64, String)>>,
}

impl PersonSubject {
    pub(crate) fn new() -> Self {
        Self { place: faults::person(), ids: Mutex::default() }
    }
}

impl Subject for PersonSubject {
    fn place(&self) -> &Place {
        &self.place
    }

    fn writers(&self, round: usize, _: &Known) -> Vec<Box<dyn Writer>> {
        let writer =
            |number| Box::new(Maker { number, round, made: 0, step: Step::Create }) as Box<dyn Writer>;
        (0..WRITERS).map(writer).collect()
    }

    fn read(&self, service: &mut Binary, _: &Known) -> State {
        let admin = service.client().with_token(&tokens::admin("root"));
        let (mut state, mut after) = (State::new(), 0);
        let mut ids = self.ids.lock().expect("no panic while locked");
        loop {
            let page = admin.get(&format!("/persons?limit={PAGE}&after={after}")).expect(200).json();
            let page: &Vec<Value> = page.as_array().expect("an array");
            for person in page {
                assert_eq!(person["owner"], "ada");
                after = person["id"].as_i64().expect("an id");
                // A name is whose it is, and how often it was given.
                let name = person["name"].as_str().expect("a name");
                let (who, _) = name.split_once(' ').expect("two parts");
                ids.insert((after, who.to_owned()));
                assert_eq!(state.insert(who.to_owned(), name.to_owned()), None, "{who} is there twice");
            }
            if page.len() < PAGE {
                break;
            }
        }
        let distinct: BTreeSet<i64> = ids.iter().map(|(id, _)| *id).collect();
        assert_eq!(distinct.len(), ids.len(), "an id was given twice");
        state
    }
}

/// Makes persons, each of whom it renames, and deletes every other one of them.
struct Maker {
    number: usize,
    round: usize,
    made: usize,
    step: Step,
}

enum Step {
    Create,
    Rename(i64),
    Delete(i64),
}

impl Writer for Maker {
    fn next(&mut self) -> Write {
        let of = format!("{}/{}/{}", self.round, self.number, self.made);
        let (method, path, name) = match &self.step {
            Step::Create => ("POST", "/persons".to_owned(), Some(format!("{of} first"))),
            Step::Rename(id) => ("PUT", format!("/persons/{id}"), Some(format!("{of} second"))),
            Step::Delete(id) => ("DELETE", format!("/persons/{id}"), None),
        };
        Write { method, path, body: json!({"name": name.as_deref()}), of, will_be: name }
    }

    fn acknowledged(&mut self, answer: &Answer) {
        self.step = match self.step {
            Step::Create => Step::Rename(answer.json()["id"].as_i64().expect("an id")),
            Step::Rename(id) if self.made.is_multiple_of(2) => Step::Delete(id),
            Step::Rename(_) | Step::Delete(_) => {
                self.made += 1;
                Step::Create
            }
        };
    }
}
