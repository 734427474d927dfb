//! The WAL of a killed person service, cut or with a flipped bit. A cut WAL means that a sync did not reach the disk, so the
//! last acknowledged persons may be lost; the others must be there, without a gap.

use std::fs;

use faults::{Random, Store, report, scaled};

/// Each is a separate commit.
const PERSONS: usize = 12;

/// The files of a killed person service.
struct Files {
    store: Store,
    database: Vec<u8>,
    wal: Vec<u8>,
}

impl Files {
    fn after_kill() -> Self {
        let killed = Store::of("person");
        let mut service = killed.dir.serve();
        let ada = killed.started(&mut service).expect("a new store");
        for number in 0..PERSONS {
            let _ = killed.write(&ada, number).expect("an answer").expect(201);
        }
        drop(service);
        let mut files = killed.dir.files();
        let mut file = |name| files.remove(name).expect("the file is there");
        let files = Self { database: file("store"), wal: file("store-wal"), store: Store::of("person") };
        assert_eq!(files.persons_with(&files.wal), PERSONS, "all persons are in the whole WAL");
        files
    }

    /// Starts the service with this WAL, and returns how many persons it has. They must be the first ones, and the service
    /// must take another write.
    fn persons_with(&self, wal: &[u8]) -> usize {
        let dir = &self.store.dir;
        dir.write("store", &self.database);
        dir.write("store-wal", wal);
        // The index is in shared memory: a restart of the machine removes it.
        let _ = fs::remove_file(dir.path("store-shm"));
        let mut service = dir.serve();
        let ada = self.store.started(&mut service).expect("a WAL with a sound beginning");
        let persons = self.store.items(&ada, []);
        let count = persons.len();
        assert!(persons.into_iter().eq(0..count), "not the first {count}");
        let _ = self.store.write(&ada, count).expect("an answer").expect(201);
        count
    }
}

#[test]
fn a_cut_wal_has_the_commits_before_the_cut() {
    let (files, mut random) = (Files::after_kill(), Random::seeded("WAL, cut"));
    let cuts = random.sample(0..files.wal.len(), scaled(15));
    let counts: Vec<usize> = cuts.iter().map(|cut| files.persons_with(&files.wal[..*cut])).collect();
    assert!(counts.is_sorted(), "a longer WAL has at least as many persons: {counts:?}");
    assert!(counts.last() < Some(&PERSONS), "the last commit is incomplete");
    report(
        "person's WAL cut at a byte",
        &format!("{} cuts of {} bytes", cuts.len(), files.wal.len()),
        &format!(
            "each started, with the first {} to {} of {PERSONS} persons",
            counts[0],
            counts[counts.len() - 1]
        ),
    );
}

#[test]
fn a_wal_with_a_flipped_bit_has_the_commits_before_it() {
    let (files, mut random) = (Files::after_kill(), Random::seeded("WAL, flipped"));
    let flips = random.sample(0..files.wal.len() * 8, scaled(10));
    for bit in &flips {
        let mut rotten = files.wal.clone();
        rotten[bit / 8] ^= 1 << (bit % 8);
        let (found, cut) = (files.persons_with(&rotten), files.persons_with(&files.wal[..bit / 8]));
        assert_eq!(found, cut, "bit {bit}: not as if the WAL ended there");
    }
    report(
        "a bit of person's WAL flipped",
        &format!("{} flips", flips.len()),
        "each started, with the persons committed before the flipped bit",
    );
}
