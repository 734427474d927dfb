//! A log that health has written under concurrent writers, its items after each batch, and what health makes of the log
//! once it is damaged.

use std::collections::BTreeSet;
use std::fs;
use std::sync::OnceLock;

use faults::{Store, at_once, report};
use serde_json::Value;
use testkit::{eventually, log};

/// The items of the log.
const ITEMS: usize = 24;

/// An undamaged log.
pub(crate) struct Log {
    pub(crate) bytes: Vec<u8>,
    /// The end of the snapshot and of each batch, and the items up to there.
    pub(crate) ends: Vec<(usize, BTreeSet<usize>)>,
    /// The number of lines in the last batch.
    last_lines: u64,
}

impl Log {
    /// Returns a log that the service has written. All tests share it.
    pub(crate) fn written() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            eventually("the last batch has several lines", || {
                Some(Self::write()).filter(|log| log.last_lines >= 3)
            })
        })
    }

    fn write() -> Self {
        let store = Store::of("health");
        let mut service = store.dir.serve();
        let client = store.started(&mut service).expect("a new store");
        at_once(ITEMS, |number| drop(store.write(&client, number).expect("an answer").expect(201)));
        drop(service);
        let bytes = fs::read(store.dir.path("store")).expect("the log is there");
        let (mut ends, mut items, mut last_lines) = (Vec::new(), BTreeSet::new(), 0);
        for (line, end) in bytes.split_inclusive(|byte| *byte == b'\n').zip(&log::beginnings(&bytes)[1..]) {
            let line: Value = serde_json::from_slice(line).expect("JSON");
            if line["op"] == "put" {
                // The first item belongs to person 1.
                items.insert(line["id"].as_u64().expect("an id") as usize - 1);
            }
            if line["op"] == "snapshot-end" || line["op"] == "put" && line["seq"] == line["batch"][1] {
                ends.push((*end, items.clone()));
                let number = |value: &Value| value.as_u64().expect("a number");
                last_lines = number(&line["seq"]) - number(&line["batch"][0]) + 1;
            }
        }
        assert_eq!(items.len(), ITEMS);
        Self { bytes, ends, last_lines }
    }

    /// Returns the end of the last batch that is complete in the first `length` bytes, and the items up to there;
    /// `None` if the snapshot is incomplete.
    pub(crate) fn complete_within(&self, length: usize) -> Option<&(usize, BTreeSet<usize>)> {
        self.ends.iter().rev().find(|(end, _)| *end <= length)
    }

    /// Returns the expected outcome if only the first `length` bytes are sound, and the rest was never acknowledged.
    pub(crate) fn started_within(&self, length: usize, damaged: &[u8]) -> Outcome {
        let (end, items) = self.complete_within(length).expect("the snapshot is complete");
        let (kept, aside) = damaged.split_at(*end);
        Outcome::Started { items: items.clone(), kept: kept.to_vec(), aside: aside.to_vec() }
    }

    /// Returns the number of the line that holds a byte.
    pub(crate) fn line_of(&self, at: usize) -> usize {
        self.bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

/// What a service does with a log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It starts with these items, keeps these bytes, and moves those into another file.
    Started { items: BTreeSet<usize>, kept: Vec<u8>, aside: Vec<u8> },
    /// It refuses to start, names this line, and changes nothing.
    Refused { line: usize },
}

/// Starts services on damaged logs and counts the outcomes.
pub(crate) struct Trial {
    store: Store,
    starts: usize,
    refusals: usize,
    wrong: Vec<String>,
}

impl Trial {
    pub(crate) fn new() -> Self {
        Self { store: Store::of("health"), starts: 0, refusals: 0, wrong: Vec::new() }
    }

    /// Starts a service on this log, and notes an unexpected outcome.
    pub(crate) fn expect(&mut self, log: &[u8], expected: Outcome, what: &str) {
        self.store.dir.write("store", log);
        let outcome = self.start();
        match outcome {
            Outcome::Started { .. } => self.starts += 1,
            Outcome::Refused { .. } => self.refusals += 1,
        }
        // A second start finds nothing to repair, or refuses again.
        let again = match &outcome {
            Outcome::Started { items, kept, .. } => {
                Outcome::Started { items: items.clone(), kept: kept.clone(), aside: Vec::new() }
            }
            Outcome::Refused { line } => {
                assert!(self.content() == log, "the service refused to start, and changed the log");
                assert_eq!(self.store.dir.named("store"), ["store", "store.lock"]);
                Outcome::Refused { line: *line }
            }
        };
        assert_eq!(self.start(), again, "{what}, another start");
        if outcome != expected {
            self.wrong.push(format!("{what}: {outcome:?} instead of {expected:?}"));
        }
    }

    fn start(&self) -> Outcome {
        let mut service = self.store.dir.serve();
        match self.store.started(&mut service) {
            Ok(client) => {
                let items = self.store.items(&client, 0..ITEMS);
                drop(service);
                Outcome::Started { items, kept: self.content(), aside: self.take_aside() }
            }
            Err(error) => {
                assert_eq!(service.ended().code(), Some(1), "{}", service.logs());
                let line =
                    error.strip_suffix("; nothing was changed").and_then(|text| text.rsplit(' ').next());
                let line = line.and_then(|line| line.parse().ok());
                Outcome::Refused { line: line.unwrap_or_else(|| panic!("another error: {error}")) }
            }
        }
    }

    /// Reports the counts, and fails if an outcome was unexpected.
    #[track_caller]
    pub(crate) fn judge(&self, attack: &str) {
        let Self { starts, refusals, wrong, .. } = self;
        report(
            attack,
            &format!("{} logs", starts + refusals),
            &format!(
                "started with all writes before the damage: {starts}; refused, naming the line: {refusals}; \
                 other: {}",
                wrong.len()
            ),
        );
        assert!(wrong.is_empty(), "{attack}: {wrong:#?}");
    }

    fn content(&self) -> Vec<u8> {
        fs::read(self.store.dir.path("store")).expect("the log is there")
    }

    /// Removes the file with the bytes that were set aside, and returns them.
    fn take_aside(&self) -> Vec<u8> {
        let aside = self.store.dir.named(".broken-");
        assert!(aside.len() <= 1, "{aside:?}");
        let Some(path) = aside.first().map(|name| self.store.dir.path(name)) else { return Vec::new() };
        let content = fs::read(&path).expect("the file is there");
        fs::remove_file(path).expect("the folder is writable");
        content
    }
}
