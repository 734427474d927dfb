//! `backup` and `restore` without room: they say so, and the store is what it was.

use std::fs::{self, File};
use std::process::Stdio;

use faults::report;

use crate::disk::small_disk::SmallDisk;
use crate::disk::store::{Store, Told};

const KIB: usize = 1024;
/// How many blocks are left: each time another part of a restoration finds room, and the next does not.
const BLOCKS_LEFT: [u64; 6] = [0, 1, 4, 7, 12, 20];

#[test]
fn copies_for_which_there_is_no_room_leave_the_store_as_it_was() {
    for store in [Store::auth(), Store::person(), Store::health()] {
        copies_without_room(store);
    }
}

fn copies_without_room(store: Store) {
    let (disk, store) = SmallDisk::below(store, KIB);
    let mut told = Told::default();
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("there is room");
    assert!((0..3).all(|number| store.try_write(&client, number, &mut told)));
    service.signal("TERM");
    assert!(service.ended().success());
    let copy = store.place.path("copy");
    let create = || File::create(&copy).expect("ours");
    assert_eq!(disk.run(&store, "backup", Stdio::null(), create()).code, Some(0));
    let good = fs::read(&copy).expect("ours");

    let (mut backups, mut restorations) = (0, 0);
    for left in BLOCKS_LEFT {
        disk.fill(left);
        let before = fs::read(disk.path("store")).expect("a store");
        let backup = disk.run(&store, "backup", Stdio::null(), create());
        if backup.code == Some(0) {
            assert!(fs::read(&copy).expect("ours").len() >= good.len(), "a copy that is not whole");
        } else {
            says_why(&backup.err);
            backups += 1;
        }
        assert!(fs::read(disk.path("store")).expect("a store") == before, "backup has changed the store");
        assert!(!disk.names().contains(&"store.backup".to_owned()), "{:?}", disk.names());

        fs::write(&copy, &good).expect("ours");
        let names = disk.names();
        let restored = disk.run(&store, "restore", File::open(&copy).expect("ours"), Stdio::piped());
        if restored.code != Some(0) {
            assert_eq!(restored.code, Some(1));
            says_why(&restored.err);
            restorations += 1;
            assert!(
                fs::read(disk.path("store")).expect("a store") == before,
                "it was not restored, and changed"
            );
            assert_eq!(disk.names(), names);
        }
        disk.free();
        let mut service = disk.serve(&store);
        let client = store.started(&mut service).expect("there is room");
        store.check(&client, &told);
        service.signal("TERM");
        assert!(service.ended().success());
    }
    assert!(restorations > 0, "there was always room");
    let tried = BLOCKS_LEFT.len();
    report(
        &format!("backup and restore on a full disk, {}", store.service),
        &format!("{tried} of each, with 0 to 20 blocks left"),
        &format!(
            "{backups} backups and {restorations} restorations refused with a sentence; the store always whole"
        ),
    );
}

fn says_why(err: &str) {
    assert!(err.contains("store") || err.contains("the copy"), "it does not say what: {err}");
    assert!(err.contains("full") || err.contains("No space"), "it does not say why: {err}");
}
