//! `backup` and `restore` without room: they report the reason, and the store is unchanged.

use std::fs::{self, File};
use std::process::Stdio;

use faults::{Outcomes, Store, report};

use crate::disk::small_disk::SmallDisk;

const KIB: usize = 1024;
/// How many blocks are left: each time another step of `restore` is the first without room.
const BLOCKS_LEFT: [u64; 6] = [0, 1, 4, 7, 12, 20];

#[test]
fn backup_and_restore_without_room_change_nothing() {
    ["auth", "person", "health"].into_iter().for_each(copies_without_room);
}

fn copies_without_room(service: &'static str) {
    let (disk, store) = SmallDisk::below(Store::of(service), KIB);
    let content = || fs::read(disk.path("store")).expect("a store");
    let mut outcomes = Outcomes::default();
    let mut process = disk.serve(&store);
    let client = store.started(&mut process).expect("there is room");
    assert!((0..3).all(|number| outcomes.write(&store, &client, number)));
    process.signal("TERM");
    assert!(process.ended().success());
    let copy = store.dir.path("copy");
    let create = || File::create(&copy).expect("the folder is writable");
    assert_eq!(disk.run(&store, "backup", Stdio::null(), create()).code, Some(0));
    let good = fs::read(&copy).expect("a copy");

    let (mut backups, mut restorations) = (0, 0);
    for left in BLOCKS_LEFT {
        disk.fill(left);
        let before = content();
        let backup = disk.run(&store, "backup", Stdio::null(), create());
        if backup.code == Some(0) {
            assert!(fs::read(&copy).expect("a copy").len() >= good.len(), "an incomplete copy");
        } else {
            names_the_reason(&backup.err);
            backups += 1;
        }
        assert!(content() == before, "backup has changed the store");
        assert!(!disk.names().contains(&"store.backup".to_owned()), "{:?}", disk.names());

        fs::write(&copy, &good).expect("the folder is writable");
        let names = disk.names();
        let restored = disk.run(&store, "restore", File::open(&copy).expect("a copy"), Stdio::piped());
        if restored.code != Some(0) {
            assert_eq!(restored.code, Some(1));
            names_the_reason(&restored.err);
            restorations += 1;
            assert!(content() == before, "restore has failed and changed the store");
            assert_eq!(disk.names(), names);
        }
        disk.free();
        let mut process = disk.serve(&store);
        let client = store.started(&mut process).expect("there is room");
        outcomes.check(&store, &client);
        process.signal("TERM");
        assert!(process.ended().success());
    }
    assert!(restorations > 0, "there was always room");
    report(
        &format!("backup and restore on a full disk, {service}"),
        &format!("{} of each, with 0 to 20 blocks left", BLOCKS_LEFT.len()),
        &format!(
            "{backups} backups and {restorations} restores refused with an error message; store always intact"
        ),
    );
}

fn names_the_reason(error: &str) {
    assert!(error.contains("store") || error.contains("the copy"), "no file: {error}");
    assert!(error.contains("full") || error.contains("No space"), "no reason: {error}");
}
