//! A log that is due to be written anew, and no room for the new one beside it.

use std::fs;

use faults::report;
use testkit::{Client, eventually};

use crate::disk::small_disk::SmallDisk;
use crate::disk::store::{Store, Told};

/// Room for the log and a draft of it, but for the ballast.
const KIB: usize = 2048;
/// So many records that a little less than half of the log is current.
const RECORDS: usize = 4500;
/// Past those that the log begins with.
const FIRST: usize = 5000;
/// Of so many records it is looked whether they are still what they were.
const LOOKED_AT: usize = 40;

#[test]
fn a_compaction_without_room_is_put_off_while_writes_go_on_and_is_made_once_there_is_room() {
    let (disk, store) = SmallDisk::below(Store::health(), KIB);
    let log = overgrown();
    fs::write(disk.path("store"), &log).expect("there is room");
    disk.fill(3);
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("a sound log");
    let before = state(&client);
    let mut told = Told::default();
    let mut numbers = FIRST..;
    let mut write = |client: &Client, told: &mut Told| {
        let number = numbers.next().expect("without end");
        assert!(store.try_write(client, number, told), "ended");
        told.refused.contains(&number)
    };

    let put_off = |logs: String| logs.contains("could not be compacted; later").then_some(());
    service.shows("the compaction is put off", |service| put_off(service.logs()));
    eventually("the draft is gone", || (!disk.names().contains(&"store.draft".to_owned())).then_some(()));
    while !write(&client, &mut told) {
        assert!(told.kept.len() < 1000, "the disk is never full");
    }
    let on_full_disk = told.kept.len();
    assert!(on_full_disk > 10, "the failed compaction has left no room");
    assert_eq!(state(&client), before);

    // Of itself it would try again a mebibyte later.
    service.signal("TERM");
    assert!(service.ended().success());
    disk.free();
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("nothing is damaged");
    assert!(!write(&client, &mut told), "there is room");
    service.shows("it is compacted", |service| service.logs().contains(r#""compacted""#).then_some(()));
    store.check(&client, &told);
    assert_eq!(state(&client), before);
    let length = fs::metadata(disk.path("store")).expect("a log").len();
    assert!(length < log.len() as u64 / 2 + 64 * 1024, "{length}");
    service.signal("KILL");
    let _ = service.ended();
    let mut service = disk.serve(&store);
    let client = store.started(&mut service).expect("nothing is damaged");
    store.check(&client, &told);
    assert_eq!(state(&client), before);
    report(
        "a compaction on a full disk",
        &format!("a log of {} bytes, {RECORDS} records; {on_full_disk} writes after it", log.len()),
        "put off with a warning, every write there; made once there was room",
    );
}

/// A log of more than a mebibyte whose records were each put more than twice.
fn overgrown() -> String {
    let mut log = [
        r#"{"seq":0,"batch":[0,0],"op":"snapshot"}"#,
        r#"{"seq":0,"batch":[0,0],"op":"mark","mark":0}"#,
        r#"{"seq":0,"batch":[0,0],"op":"snapshot-end","records":0}"#,
    ]
    .map(sealed)
    .concat();
    for seq in 1.. {
        let (id, weight) = (seq % RECORDS + 1, 70 + seq % 8);
        log.push_str(&sealed(&format!(
            r#"{{"seq":{seq},"batch":[{seq},{seq}],"op":"put","id":{id},"record":{{"weight":{weight}}}}}"#
        )));
        if log.len() > 1024 * 1024 {
            break;
        }
    }
    log
}

/// A line, its CRC put in.
fn sealed(members: &str) -> String {
    let open = members.strip_suffix('}').expect("an object");
    format!("{open},\"crc\":\"{:08x}\"}}\n", crc32fast::hash(open.as_bytes()))
}

/// The ETag and the text of some records.
fn state(client: &Client) -> Vec<(Option<String>, String)> {
    let answers = (1..=LOOKED_AT).map(|id| client.get(&format!("/health/{id}")).expect(200));
    answers.map(|answer| (answer.header("etag").map(str::to_owned), answer.text())).collect()
}
