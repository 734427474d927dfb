//! The WAL of a person service that was killed, cut or with a flipped bit. A WAL that is cut is one whose syncs did not
//! reach the disk, so what was acknowledged last may be gone with it; but who is there is just who was made first,
//! in the order in which they were made, and nobody else.

use std::fs;

use faults::{Dice, scaled};
use serde_json::{Value, json};
use testkit::{Client, Place, tokens};

/// Each is a commit of its own.
const PERSONS: usize = 12;

/// The files of a person service that was killed.
struct Killed {
    store: Vec<u8>,
    wal: Vec<u8>,
}

impl Killed {
    fn after_persons() -> Self {
        let place = faults::person();
        let mut service = place.serve();
        let ada = service.client().with_token(&tokens::user("ada"));
        (0..PERSONS).for_each(|number| make(&ada, number));
        drop(service);
        let mut files = place.files();
        let mut file = |name| files.remove(name).expect("it is there");
        Self { store: file("store"), wal: file("store-wal") }
    }

    /// How many persons are there with this WAL: the first so many. The service must work on.
    fn persons_with(&self, place: &Place, wal: &[u8]) -> usize {
        place.write("store", &self.store);
        place.write("store-wal", wal);
        // What a restart of the machine leaves of the index: nothing.
        let _ = fs::remove_file(place.path("store-shm"));
        let mut service = place.serve();
        let ada = service.client().with_token(&tokens::user("ada"));
        let persons = ada.get("/persons?limit=1000").expect(200).json();
        let count = persons.as_array().expect("an array").len();
        assert_eq!(persons, first(count), "not just the first {count}");
        make(&ada, count);
        count
    }
}

fn make(ada: &Client, number: usize) {
    let made = ada.post("/persons", &json!({"name": name(number)})).expect(201).json();
    assert_eq!(made["id"], number + 1);
}

fn name(number: usize) -> String {
    format!("Ada the {number}.")
}

fn first(count: usize) -> Value {
    let person = |number| json!({"id": number + 1, "name": name(number), "owner": "ada"});
    (0..count).map(person).collect()
}

#[test]
fn a_wal_cut_at_any_byte_holds_the_first_of_its_commits() {
    let (killed, place, mut dice) = (Killed::after_persons(), faults::person(), Dice::thrown("WAL, cut"));
    assert_eq!(killed.persons_with(&place, &killed.wal), PERSONS, "whole, it has all of them");
    let cuts = dice.sample(0..killed.wal.len(), scaled(15));
    let counts: Vec<usize> =
        cuts.iter().map(|cut| killed.persons_with(&place, &killed.wal[..*cut])).collect();
    assert!(counts.is_sorted(), "more of it holds no less: {counts:?}");
    assert!(counts.last() < Some(&PERSONS), "the last commit is not whole");
    faults::report(
        "person's WAL cut at a byte",
        &format!("{} cuts of {} bytes", cuts.len(), killed.wal.len()),
        &format!(
            "each started, with the first {} to {} of {PERSONS} persons",
            counts[0],
            counts[counts.len() - 1]
        ),
    );
}

#[test]
fn a_wal_with_a_flipped_bit_holds_the_commits_before_it() {
    let (killed, place, mut dice) = (Killed::after_persons(), faults::person(), Dice::thrown("WAL, flipped"));
    assert_eq!(killed.persons_with(&place, &killed.wal), PERSONS, "whole, it has all of them");
    let flips = dice.sample(0..killed.wal.len() * 8, scaled(10));
    for bit in &flips {
        let mut rotten = killed.wal.clone();
        rotten[bit / 8] ^= 1 << (bit % 8);
        let count = killed.persons_with(&place, &rotten);
        let cut = killed.persons_with(&place, &killed.wal[..bit / 8]);
        assert_eq!(count, cut, "bit {bit}: not as if the WAL ended there");
    }
    faults::report(
        "a bit of person's WAL flipped",
        &format!("{} flips", flips.len()),
        "each started, with the persons of the commits before the bit",
    );
}
