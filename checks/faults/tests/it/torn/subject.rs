//! A log that health wrote under several writers at once, what it said after each of its batches, and what health
//! makes of it once it is damaged.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;
use std::thread;

use serde_json::{Value, json};
use testkit::{Binary, Client, FakePerson, Place, Say, eventually, log, tokens};

/// Persons with records: one for each who writes at once.
const PERSONS: i64 = 8;
/// How often all of them write at once.
const ROUNDS: i64 = 3;

/// Of each person the record.
pub(crate) type State = BTreeMap<i64, String>;

/// A whole log.
pub(crate) struct Log {
    pub(crate) bytes: Vec<u8>,
    /// Where the snapshot and each batch end, and what the log says up to there.
    pub(crate) ends: Vec<(usize, State)>,
    /// How many lines the last batch has.
    last_lines: usize,
}

/// What a service made of a log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// It started, with this state; these bytes it kept, and those it set aside.
    Started { state: State, kept: Vec<u8>, aside: Vec<u8> },
    /// It refused, and named this line; not a byte is another.
    Refused { line: usize },
}

/// Who damages logs and starts services on them.
pub(crate) struct Damaging {
    person: FakePerson,
    place: Place,
    starts: Cell<usize>,
    refusals: Cell<usize>,
    wrong: RefCell<Vec<String>>,
}

impl Log {
    /// Written by the service itself: single lines, then batches of several. The same for all tests.
    pub(crate) fn written() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            eventually("the last batch has several lines", || {
                Some(Self::write()).filter(|log| log.last_lines >= 3)
            })
        })
    }

    fn write() -> Self {
        let damaging = Damaging::new();
        let mut service = damaging.place.serve();
        let ada = ada(&mut service);
        for id in 1..=PERSONS {
            let _ = ada.post(&path(id), &record(id, 0)).expect(201);
        }
        let _ = ada.delete(&path(1)).expect(204);
        for round in 1..=ROUNDS {
            all_write_at_once(&ada, &damaging.person, round);
        }
        let state = read(&ada);
        drop(service);
        let log = Self::of(fs::read(damaging.place.path("store")).expect("the log is there"));
        assert_eq!(log.ends.last().expect("a snapshot").1, state, "the lines say what the service says");
        log
    }

    /// Reads the lines as a stranger would.
    fn of(bytes: Vec<u8>) -> Self {
        let (mut ends, mut state, mut last_lines) = (Vec::new(), State::new(), 0);
        for (line, end) in bytes.split_inclusive(|byte| *byte == b'\n').zip(&log::beginnings(&bytes)[1..]) {
            let line: Value = serde_json::from_slice(line).expect("JSON");
            let id = line["id"].as_i64();
            match (line["op"].as_str().expect("an operation"), id) {
                ("put", Some(id)) => drop(state.insert(id, line["record"].to_string())),
                ("delete", Some(id)) => drop(state.remove(&id)),
                ("snapshot-end", None) => {}
                _ => continue,
            }
            if line["seq"] == line["batch"][1] {
                ends.push((*end, state.clone()));
                last_lines =
                    line["seq"].as_u64().zip(line["batch"][0].as_u64()).map_or(0, |(l, f)| l - f + 1);
            }
        }
        Self { bytes, ends, last_lines: usize::try_from(last_lines).expect("few") }
    }

    /// How long the log is up to the last batch that is whole in its first so many bytes, and what it says there;
    /// `None` where the snapshot is not whole.
    pub(crate) fn whole_within(&self, length: usize) -> Option<&(usize, State)> {
        self.ends.iter().rev().find(|(end, _)| *end <= length)
    }

    /// What must come where only the first so many bytes are sound, and what follows was never acknowledged.
    pub(crate) fn started_within(&self, length: usize, damaged: &[u8]) -> Came {
        let (end, state) = self.whole_within(length).expect("the snapshot is whole");
        let (kept, aside) = damaged.split_at(*end);
        Came::Started { state: state.clone(), kept: kept.to_vec(), aside: aside.to_vec() }
    }

    /// The number of the line that a byte is in.
    pub(crate) fn line_of(&self, at: usize) -> usize {
        self.bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

impl Damaging {
    pub(crate) fn new() -> Self {
        let person = FakePerson::start();
        // Else health writes of itself how far it has followed.
        person.says_of_deletions(Say::Close);
        let place = faults::health(&person.url());
        Self { person, place, starts: Cell::default(), refusals: Cell::default(), wrong: RefCell::default() }
    }

    /// Starts a service on this content, and notes what came where it is not what was expected.
    pub(crate) fn expect(&self, content: &[u8], expected: Came, what: &str) {
        let came = self.come(content);
        let count = if let Came::Started { .. } = came { &self.starts } else { &self.refusals };
        count.set(count.get() + 1);
        if came != expected {
            self.wrong.borrow_mut().push(format!("{what}: {came:?} where {expected:?} was expected"));
        }
    }

    /// Starts a service on this content. One that starts is asked what it says, ended, and started once more.
    fn come(&self, content: &[u8]) -> Came {
        self.place.write("store", content);
        let mut service = self.place.serve();
        let Some(line) = refusal(&mut service) else {
            let state = read(&ada(&mut service));
            drop(service);
            let kept = self.content();
            let aside = self.take_aside();
            assert_eq!(read(&ada(&mut self.place.serve())), state, "started once more");
            assert_eq!((self.content(), self.take_aside()), (kept.clone(), Vec::new()), "started once more");
            return Came::Started { state, kept, aside };
        };
        assert_eq!(service.ended().code(), Some(1), "{}", service.logs());
        assert!(self.content() == content, "it refused, and changed the log");
        assert_eq!(self.place.named("store"), ["store", "store.lock"]);
        Came::Refused { line }
    }

    /// Reports what came of all that were tried, and fails where one is not as expected.
    #[track_caller]
    pub(crate) fn judge(&self, fault: &str) {
        let (starts, refusals, wrong) = (self.starts.get(), self.refusals.get(), self.wrong.borrow());
        faults::report(
            fault,
            &format!("{} logs", starts + refusals),
            &format!(
                "started with what was acknowledged up to there, the rest set aside: {starts}; refused with the line, \
                 and nothing changed: {refusals}; anything else: {}",
                wrong.len()
            ),
        );
        assert!(wrong.is_empty(), "{fault}: {wrong:#?}");
    }

    fn content(&self) -> Vec<u8> {
        fs::read(self.place.path("store")).expect("the log is there")
    }

    /// What was set aside, which is removed.
    fn take_aside(&self) -> Vec<u8> {
        let aside = self.place.named(".broken-");
        assert!(aside.len() <= 1, "{aside:?}");
        aside
            .iter()
            .flat_map(|name| {
                let path = self.place.path(name);
                let content = fs::read(&path).expect("it is there");
                fs::remove_file(path).expect("the folder is ours");
                content
            })
            .collect()
    }
}

/// Waits until a service is ready, or has said that a line is damaged: then gives which.
fn refusal(service: &mut Binary) -> Option<usize> {
    eventually("it starts or refuses", || {
        let logs = service.logs();
        let refused = logs.lines().find(|line| line.starts_with("health: "));
        if let Some(sentence) = refused {
            let line =
                sentence.strip_suffix("; nothing was changed").and_then(|text| text.rsplit(' ').next());
            let line = line.and_then(|line| line.parse().ok());
            return Some(Some(line.unwrap_or_else(|| panic!("another refusal: {sentence}"))));
        }
        logs.contains("\"ready\"").then_some(None)
    })
}

fn ada(service: &mut Binary) -> Client {
    service.client().with_token(&tokens::user("ada"))
}

fn path(id: i64) -> String {
    format!("/health/{id}")
}

/// No two are alike.
fn record(id: i64, round: i64) -> Value {
    json!({"weight": id * 10 + round})
}

fn read(ada: &Client) -> State {
    let there = |id| match ada.get(&path(id)) {
        answer if answer.status == 404 => None,
        answer => Some((id, answer.expect(200).text().trim_end().to_owned())),
    };
    (1..=PERSONS).filter_map(there).collect()
}

/// Holds all of them back until each is waiting, so that they come to the log together.
fn all_write_at_once(ada: &Client, person: &FakePerson, round: i64) {
    person.lookups();
    person.says(Say::Hold);
    thread::scope(|scope| {
        for id in 1..=PERSONS {
            scope.spawn(move || {
                let method = if id == 1 && round == 1 { "POST" } else { "PUT" };
                let answer = ada.call(method, &path(id)).json(&record(id, round)).send();
                assert!(answer.status < 300, "{}", answer.text());
            });
        }
        let mut waiting = 0;
        eventually("all of them wait for person", || {
            waiting += person.lookups().len();
            (waiting == PERSONS as usize).then_some(())
        });
        person.says(Say::Person);
    });
}
