//! A full disk: each write is refused as a whole, reads go on, and no restart is needed.

use std::fs;

use faults::{Outcomes, Store, report, scaled};
use testkit::{Binary, Client};

use crate::disk::small_disk::SmallDisk;

/// Room for a database and its WAL.
const KIB: usize = 1024;
/// How many blocks are left on a filled disk: SQLite needs more for a write or two, and the journal writes forty lines
/// into one block.
const BLOCKS_LEFT: u64 = 6;
const BLOCKS_LEFT_FOR_LINES: u64 = 1;
/// A new database takes some fourteen blocks: each time another part of it is the first without room.
const BLOCKS_FOR_A_NEW_STORE: [u64; 5] = [0, 2, 5, 9, 12];

/// A service on a small disk, and the answers to its writes.
struct FullDisk {
    disk: SmallDisk,
    store: Store,
    outcomes: Outcomes,
    next: usize,
}

impl FullDisk {
    fn new(service: &'static str) -> Self {
        let (disk, store) = SmallDisk::below(Store::of(service), KIB);
        Self { disk, store, outcomes: Outcomes::default(), next: 0 }
    }

    fn start(&self) -> (Binary, Client) {
        let mut process = self.disk.serve(&self.store);
        let client = self.store.started(&mut process).expect("the service starts");
        (process, client)
    }

    fn write(&mut self, client: &Client) {
        assert!(self.outcomes.write(&self.store, client, self.next), "{} ended", self.store.service);
        self.next += 1;
    }

    /// Makes three writes, for which there is room.
    fn write_some(&mut self, client: &Client) {
        let refused = self.outcomes.absent.len();
        (0..3).for_each(|_| self.write(client));
        assert_eq!(self.outcomes.absent.len(), refused, "{}: refused with room", self.store.service);
    }

    /// Writes until three writes are refused: the service must survive more than the first.
    fn write_until_refused(&mut self, client: &Client) {
        let refused = self.outcomes.absent.len();
        while self.outcomes.absent.len() < refused + 3 {
            self.write(client);
            assert!(self.next < 100_000, "the disk is never full");
        }
    }

    fn check_reads(&self, client: &Client) {
        for probe in ["/livez", "/readyz", "/"] {
            let _ = client.get(probe).expect(200);
        }
        if self.store.service == "person" {
            self.outcomes.check(&self.store, client);
        } else {
            // Reading an item takes a password hash or a lookup, so only the first is read.
            let first = self.outcomes.acknowledged.first().copied();
            assert!(first.is_some() && self.store.items(client, first).len() == 1, "the first item is lost");
        }
    }

    /// Starts on a disk without a free block: the service serves, or ends with an error message and an unchanged store.
    fn start_without_room(&mut self) {
        self.disk.fill(0);
        let before = fs::read(self.disk.path("store")).expect("a store");
        let mut process = self.disk.serve(&self.store);
        match self.store.started(&mut process) {
            Ok(client) => {
                self.check_reads(&client);
                self.write_until_refused(&client);
                process.signal("TERM");
                assert!(process.ended().success());
            }
            Err(error) => {
                assert_eq!(process.ended().code(), Some(1), "{error}");
                names_the_reason(&error);
                let after = fs::read(self.disk.path("store")).expect("a store");
                assert!(after == before, "the store was changed");
            }
        }
        self.disk.free();
    }
}

fn names_the_reason(error: &str) {
    assert!(error.contains("/disk/store"), "no file: {error}");
    assert!(error.contains("full") || error.contains("No space"), "no reason: {error}");
}

#[test]
fn auth_survives_a_full_disk() {
    survives_a_full_disk("auth", BLOCKS_LEFT);
}

#[test]
fn person_survives_a_full_disk() {
    survives_a_full_disk("person", BLOCKS_LEFT);
}

#[test]
fn health_survives_a_full_disk() {
    survives_a_full_disk("health", BLOCKS_LEFT_FOR_LINES);
}

fn survives_a_full_disk(service: &'static str, blocks_left: u64) {
    let mut full = FullDisk::new(service);
    let (mut process, mut client) = full.start();
    full.write_some(&client);
    let rounds = scaled(2);
    for round in 0..rounds {
        full.disk.fill(blocks_left);
        full.write_until_refused(&client);
        full.check_reads(&client);
        // In every other round the service is killed on the full disk.
        if round % 2 == 1 {
            process.signal("KILL");
            let _ = process.ended();
            (process, client) = full.start();
            full.check_reads(&client);
            full.write_until_refused(&client);
        }
        full.disk.free();
        full.write_some(&client);
    }
    process.signal("TERM");
    assert!(process.ended().success());
    full.start_without_room();
    let (_process, client) = full.start();
    full.outcomes.check(&full.store, &client);
    report(
        &format!("a full disk, {service}"),
        &format!("filled {rounds} times, {} writes, {} killed while full", full.next, rounds / 2),
        &format!(
            "{} acknowledged, all kept; {} refused (507), none kept",
            full.outcomes.acknowledged.len(),
            full.outcomes.absent.len()
        ),
    );
}

#[test]
fn a_first_start_without_room_succeeds_once_there_is_room() {
    let mut refusals = 0;
    for service in ["auth", "person", "health"] {
        let mut full = FullDisk::new(service);
        for left in BLOCKS_FOR_A_NEW_STORE {
            full.disk.fill(left);
            let mut process = full.disk.serve(&full.store);
            if let Err(error) = full.store.started(&mut process) {
                assert_eq!(process.ended().code(), Some(1), "{error}");
                names_the_reason(&error);
                refusals += 1;
            } else {
                assert!(left > 0, "it started without a block for its store");
            }
            drop(process);
            full.disk.free();
            (full.outcomes, full.next) = (Outcomes::default(), 0);
            let (process, client) = full.start();
            full.write_some(&client);
            full.outcomes.check(&full.store, &client);
            drop(process);
            full.disk.remove_all();
        }
    }
    report(
        "a first start on a full disk",
        &format!("{} starts with 0 to 12 blocks left", 3 * BLOCKS_FOR_A_NEW_STORE.len()),
        &format!(
            "{refusals} refused with an error message; all started and kept their writes once there was space"
        ),
    );
}
