//! Acknowledged means durable: a person whose creation was answered with 201 survives the end of the process.
//! `checks/faults` kills the service many more times, and before single system calls.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;
use testkit::{Binary, Client, StopOnDrop, TestDir, eventually, tokens};

use crate::service::{ada, pages, test_dir};

const WRITERS: usize = 8;

/// Ids and names of persons.
pub(crate) type Persons = BTreeSet<(i64, String)>;

/// The persons whose creation was acknowledged so far.
#[derive(Default)]
pub(crate) struct Acknowledged {
    persons: Mutex<Persons>,
    stop: AtomicBool,
}

impl Acknowledged {
    pub(crate) fn so_far(&self) -> Persons {
        self.persons.lock().expect("no panic").clone()
    }

    /// Waits until at least this many persons are acknowledged.
    pub(crate) fn wait_for(&self, count: usize) {
        eventually("enough is written", || (self.so_far().len() >= count).then_some(()));
    }

    /// Creates persons until `stop` is set or the service is gone.
    fn write(&self, client: &Client, writer: usize) {
        for number in 0.. {
            let name = format!("{writer}/{number}");
            let answer = client.call("POST", "/persons").json(&json!({"name": name})).try_send();
            let Ok(answer) = answer else { return };
            let id = answer.expect(201).json()["id"].as_i64().expect("an id");
            assert!(self.persons.lock().expect("no panic").insert((id, name)));
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
        }
    }
}

/// Runs `act` while many clients create persons, and returns its result and the acknowledged persons.
pub(crate) fn while_writing<T>(
    process: &mut Binary,
    act: impl FnOnce(&mut Binary, &Acknowledged) -> T,
) -> (T, Persons) {
    let client = ada(process);
    let acknowledged = Acknowledged::default();
    let done = thread::scope(|scope| {
        let _stop = StopOnDrop(&acknowledged.stop);
        for writer in 0..WRITERS {
            let (client, acknowledged) = (&client, &acknowledged);
            scope.spawn(move || acknowledged.write(client, writer));
        }
        act(process, &acknowledged)
    });
    (done, acknowledged.so_far())
}

/// Starts the service and returns the persons in its database.
pub(crate) fn persons(dir: &TestDir) -> Persons {
    let mut process = dir.serve();
    let admin = process.client().with_token(&tokens::admin("root"));
    let pages = pages(&admin, "/persons?limit=1000");
    let persons = pages.iter().flat_map(|page| page.json().as_array().expect("an array").clone());
    let person = |person: serde_json::Value| {
        (person["id"].as_i64().expect("an id"), person["name"].as_str().expect("a name").to_owned())
    };
    persons.map(person).collect()
}

#[test]
fn acknowledged_persons_survive_a_signal_under_load() {
    for (signal, code) in [("KILL", None), ("TERM", Some(0))] {
        let dir = test_dir();
        let mut process = dir.serve();
        let (status, acknowledged) = while_writing(&mut process, |process, acknowledged| {
            acknowledged.wait_for(60);
            process.signal(signal);
            process.ended()
        });
        assert_eq!(status.code(), code, "{signal}");
        // A database that was closed has no WAL.
        assert_eq!(dir.path("store-wal").exists(), signal == "KILL");
        let persons = persons(&dir);
        let lost: Vec<_> = acknowledged.difference(&persons).collect();
        assert!(lost.is_empty(), "lost by {signal}: {lost:?}");
        // Each writer may have one person more, whose acknowledgement did not arrive.
        assert!(persons.len() <= acknowledged.len() + WRITERS, "{} persons", persons.len());
        let ids: BTreeSet<i64> = persons.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), persons.len(), "an id was given twice");
    }
}
