//! Compaction of a log on a disk without room for a second log.

use std::fs;

use faults::{Outcomes, Store, report};
use testkit::{Client, eventually, log};

use crate::disk::small_disk::SmallDisk;

/// Room for the log and its temporary file, without the ballast.
const KIB: usize = 2048;
/// A little less than half of the log is current with this many records.
const RECORDS: u64 = 4500;
/// The number of the first item to write, above the ids in the log.
const FIRST: usize = 5000;
/// How many records are compared.
const SAMPLED: usize = 40;

#[test]
fn compaction_waits_for_room_while_writes_go_on() {
    let (disk, store) = SmallDisk::below(Store::of("health"), KIB);
    let log = log::overgrown(RECORDS);
    fs::write(disk.path("store"), &log).expect("there is room");
    disk.fill(3);
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("a sound log");
    let before = state(&client);
    let mut outcomes = Outcomes::default();
    let mut numbers = FIRST..;
    let mut write = |client: &Client, outcomes: &mut Outcomes| {
        let number = numbers.next().expect("endless");
        assert!(outcomes.write(&store, client, number), "the service ended");
        outcomes.acknowledged.contains(&number)
    };

    assert!(write(&client, &mut outcomes), "there is room");
    let postponed = |logs: String| logs.contains("the compaction failed and will be retried").then_some(());
    service.shows("the compaction is postponed", |service| postponed(service.logs()));
    eventually("the temporary file is gone", || {
        (!disk.names().contains(&"store.draft".to_owned())).then_some(())
    });
    while write(&client, &mut outcomes) {
        assert!(outcomes.acknowledged.len() < 1000, "the disk is never full");
    }
    let on_full_disk = outcomes.acknowledged.len();
    assert!(on_full_disk > 10, "the failed compaction has left no room");
    assert_eq!(state(&client), before);

    // Without a restart the next attempt comes after another MiB.
    service.signal("TERM");
    assert!(service.ended().success());
    disk.free();
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("a sound log");
    assert!(write(&client, &mut outcomes), "there is room");
    service.shows("it is compacted", |service| service.logs().contains(r#""compacted""#).then_some(()));
    outcomes.check(&store, &client);
    assert_eq!(state(&client), before);
    let length = fs::metadata(disk.path("store")).expect("a log").len();
    assert!(length < log.len() as u64 / 2 + 64 * 1024, "{length}");
    service.signal("KILL");
    let _ = service.ended();
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("a sound log");
    outcomes.check(&store, &client);
    assert_eq!(state(&client), before);
    report(
        "a compaction on a full disk",
        &format!("a log of {} bytes, {RECORDS} records, then {on_full_disk} writes", log.len()),
        "postponed with a warning, every write kept; done once there was space",
    );
}

/// Returns the ETag and the body of some records.
fn state(client: &Client) -> Vec<(Option<String>, String)> {
    let answers = (1..=SAMPLED).map(|id| client.get(&format!("/health/{id}")).expect(200));
    answers.map(|answer| (answer.header("etag").map(str::to_owned), answer.text())).collect()
}
