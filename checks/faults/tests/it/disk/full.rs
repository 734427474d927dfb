//! A disk without room: writes are refused as a whole, everything else goes on, and nothing need be started again.

use std::fs;

use faults::{report, scaled};
use testkit::Client;

use crate::disk::small_disk::SmallDisk;
use crate::disk::store::{Store, Told};

/// Room for a database and its WAL in the middle of their lives.
const KIB: usize = 1024;
/// What is left when the disk is filled: a write or two of SQLite takes more, forty of the journal fit in one.
const BLOCKS_LEFT: u64 = 6;
const BLOCKS_LEFT_FOR_LINES: u64 = 1;
/// A new database takes some fourteen: each time there is one for another part of it, and not for the rest.
const BLOCKS_FOR_A_NEW_ONE: [u64; 5] = [0, 2, 5, 9, 12];

#[test]
fn auth_outlives_a_full_disk() {
    outlives_a_full_disk(Store::auth());
}

#[test]
fn person_outlives_a_full_disk() {
    outlives_a_full_disk(Store::person());
}

#[test]
fn health_outlives_a_full_disk() {
    outlives_a_full_disk(Store::health());
}

fn outlives_a_full_disk(store: Store) {
    let (disk, store) = SmallDisk::below(store, KIB);
    let (mut told, mut next) = (Told::default(), 0);
    let mut service = disk.serve(&store);
    let mut client = store.started(&mut service).expect("there is room");
    write_some(&store, &client, &mut next, &mut told);
    let rounds = scaled(2);
    let left = if store.service == "health" { BLOCKS_LEFT_FOR_LINES } else { BLOCKS_LEFT };
    for round in 0..rounds {
        disk.fill(left);
        write_until_refused(&store, &client, &mut next, &mut told);
        reads_go_on(&store, &client, &told);
        if round % 2 == 0 {
            // The same process, as soon as there is room.
            disk.free();
            write_some(&store, &client, &mut next, &mut told);
        } else {
            service.signal("KILL");
            let _ = service.ended();
            service = disk.serve(&store);
            client = store.started(&mut service).expect("a full disk keeps nobody from reading");
            reads_go_on(&store, &client, &told);
            write_until_refused(&store, &client, &mut next, &mut told);
            disk.free();
            write_some(&store, &client, &mut next, &mut told);
        }
    }
    service.signal("TERM");
    assert!(service.ended().success());
    starts_or_says_why_not(&disk, &store, &mut next, &mut told);
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("there is room");
    store.check(&client, &told);
    report(
        &format!("a full disk, {}", store.service),
        &format!("filled {rounds} times, {} writes, {} killed while full", next, rounds / 2),
        &format!(
            "{} acknowledged and all there, {} refused (507) and none there",
            told.kept.len(),
            told.refused.len()
        ),
    );
}

fn write_some(store: &Store, client: &Client, next: &mut usize, told: &mut Told) {
    for _ in 0..3 {
        let number = *next;
        *next += 1;
        assert!(store.try_write(client, number, told), "{} ended", store.service);
        assert!(told.kept.contains(&number), "{}: refused though there is room", store.service);
    }
}

/// Writes until the disk is full, and twice more: one full disk must not be the end of it.
fn write_until_refused(store: &Store, client: &Client, next: &mut usize, told: &mut Told) {
    let before = told.refused.len();
    while told.refused.len() < before + 3 {
        assert!(store.try_write(client, *next, told), "{} ended", store.service);
        *next += 1;
        assert!(*next < 100_000, "the disk is never full");
    }
}

fn reads_go_on(store: &Store, client: &Client, told: &Told) {
    for probe in ["/livez", "/readyz", "/"] {
        let _ = client.get(probe).expect(200);
    }
    let first: Told = Told { kept: told.kept.iter().copied().take(1).collect(), ..Told::default() };
    if store.service == "person" {
        store.check(client, told);
    } else {
        // Of each a password is checked, or a person asked for.
        store.check(client, &first);
    }
}

/// A start on a disk that was full before: it serves, or ends with a sentence and has touched nothing.
fn starts_or_says_why_not(disk: &SmallDisk, store: &Store, next: &mut usize, told: &mut Told) {
    disk.fill(0);
    let before = fs::read(disk.path("store")).expect("a store");
    let mut service = disk.serve(store);
    match store.started(&mut service) {
        Ok(client) => {
            reads_go_on(store, &client, told);
            write_until_refused(store, &client, next, told);
            service.signal("TERM");
            assert!(service.ended().success());
        }
        Err(sentence) => {
            assert_eq!(service.ended().code(), Some(1), "{sentence}");
            says_where_and_why(&sentence);
            assert!(fs::read(disk.path("store")).expect("a store") == before, "the store was touched");
        }
    }
    disk.free();
}

fn says_where_and_why(sentence: &str) {
    assert!(sentence.contains("/disk/store"), "it does not say where: {sentence}");
    assert!(sentence.contains("full") || sentence.contains("No space"), "it does not say why: {sentence}");
}

#[test]
fn a_store_that_there_was_no_room_to_make_is_made_once_there_is_some() {
    let mut refusals = 0;
    for store in [Store::auth(), Store::person(), Store::health()] {
        let (disk, store) = SmallDisk::below(store, KIB);
        for left in BLOCKS_FOR_A_NEW_ONE {
            disk.fill(left);
            let mut service = disk.serve(&store);
            if let Err(sentence) = store.started(&mut service) {
                assert_eq!(service.ended().code(), Some(1), "{sentence}");
                says_where_and_why(&sentence);
                refusals += 1;
            } else {
                assert!(left > 0, "it started without a block for its store");
                service.signal("KILL");
                let _ = service.ended();
            }
            disk.free();
            let mut service = disk.serve(&store);
            let client = store.started(&mut service).expect("there is room now");
            let mut told = Told::default();
            write_some(&store, &client, &mut 0, &mut told);
            store.check(&client, &told);
            service.signal("KILL");
            let _ = service.ended();
            disk.remove_all();
        }
    }
    report(
        "a first start on a full disk",
        &format!("{} starts with 0 to 12 blocks left", 3 * BLOCKS_FOR_A_NEW_ONE.len()),
        &format!("{refusals} refused with a sentence; all started and kept their writes once there was room"),
    );
}
