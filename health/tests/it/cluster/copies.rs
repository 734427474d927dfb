//! `health backup` and `health restore` with the address of a cluster: a copy moves from either engine to the other.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::{Binary, FakePerson, TestDir, eventually};

use super::{CONTENT, create_database, query};
use crate::backup::{IDS, live, log_with_a_batch, person, records_in};
use crate::harness::{ada_at, dir, etag, path, record, state};
use crate::log;

const OLD: &str = "0d2f5c9e-6b1a-4c3d-9f7e-1a2b3c4d5e6f";

/// A folder whose service and commands use this database.
fn dir_at(person: &FakePerson, url: &str) -> TestDir {
    dir(person).with("HEALTH_FILE", url)
}

#[track_caller]
fn restore(dir: &TestDir, copy: impl AsRef<[u8]>) -> String {
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    ended.out
}

/// Returns the records of a service without their ETags, which a restore may change.
fn records(service: &mut Binary) -> Vec<(i64, Option<String>)> {
    let more_than_a_page = 10_000..11_100;
    let all = state(&ada_at(service), IDS.into_iter().chain(more_than_a_page));
    all.into_iter().map(|(id, found)| (id, found.map(|(_, text)| text))).collect()
}

/// Returns the mark of a copy: the cursor and the identity of person's database.
fn mark(copy: &[u8]) -> (i64, Value) {
    let line = copy.split(|byte| *byte == b'\n').nth(1).expect("a second line");
    let mut line: Value = serde_json::from_slice(line).expect("JSON");
    (line["mark"].as_i64().expect("a cursor"), line["origin"].take())
}

/// Returns the last version that a copy says was issued when it was made.
fn seq(copy: &[u8]) -> i64 {
    let line = copy.split(|byte| *byte == b'\n').next().expect("a first line");
    serde_json::from_slice::<Value>(line).expect("JSON")["seq"].as_i64().expect("a number")
}

fn version(tag: &str) -> i64 {
    tag.trim_matches('"').parse().expect("a number")
}

#[test]
fn records_move_to_a_cluster_and_back() {
    let person = person();
    person.set_store(Some(OLD));
    let many = (1..).zip(10_000..11_100).map(|(seq, id)| log::put(seq, [seq, seq], id, 60.25));
    let mark_line = format!(r#"{{"seq":1101,"batch":[1101,1101],"op":"mark","mark":77,"origin":"{OLD}"}}"#);
    let file = dir(&person);
    file.write("store", log::empty() + &many.collect::<String>() + &log::checksummed(&mark_line));
    let mut process = file.serve();
    live(&ada_at(&mut process));
    let expected = records(&mut process);

    let cluster = dir_at(&person, &create_database());
    assert_eq!(restore(&cluster, file.backup()), "The database of the cluster is restored.\n");
    let mut process = cluster.serve();
    assert_eq!(records(&mut process), expected);
    let ada = ada_at(&mut process);
    let _ = ada.post(&path(2), &json!({"weight": 70.5})).expect(201);
    let _ = ada.delete(&path(i64::MAX)).expect(204);
    let expected = records(&mut process);

    // The replica goes on.
    let copy = cluster.backup();
    assert_eq!(mark(&copy), (77, json!(OLD)));
    let back = dir(&person);
    restore(&back, copy);
    assert_eq!(records(&mut process), expected);
    assert_eq!(records(&mut back.serve()), expected);
}

#[test]
fn moved_store_never_repeats_a_version() {
    let person = person();
    person.set_store(Some(OLD));
    let file = dir(&person);
    live(&ada_at(&mut file.serve()));
    let mut copy = file.backup();
    let mut used = BTreeSet::new();
    // The store that made the copy is lost each time, with all that it has issued since.
    for on_cluster in [true, true, false, true] {
        let before = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
        let dir = if on_cluster { dir_at(&person, &create_database()) } else { dir(&person) };
        restore(&dir, &copy);
        let mut process = dir.serve();
        let ada = ada_at(&mut process);
        let mut issue = |id: i64, tag: String| {
            assert!(u128::from(version(&tag).unsigned_abs()) > before, "{tag} is not past {before}");
            assert!(used.insert((id, version(&tag))), "the record of {id} has the version {tag} again");
        };
        // A record of the copy, and one that was deleted before it.
        issue(7, etag(&ada.put(&path(7), &record()).expect(200)));
        let deleted = etag(&ada.post(&path(1), &record()).expect(201));
        issue(1, deleted.clone());
        let _ = ada.delete(&path(1)).expect(204);
        copy = dir.backup();
        // The clock may be wrong, so the copy of a cluster also says what was issued.
        assert!(!on_cluster || seq(&copy) > version(&deleted));
        issue(1, etag(&ada.post(&path(1), &record()).expect(201)));
        issue(7, etag(&ada.put(&path(7), &record()).expect(200)));
        let _ = ada.delete(&path(1)).expect(204);
    }
}

#[test]
fn records_that_were_set_aside_are_in_no_copy() {
    let person = FakePerson::start();
    person.set_store(Some(OLD));
    let dir_here = dir_at(&person, &create_database());
    let mut process = dir_here.serve();
    let mut before = 0;
    for weight in 50..60 {
        let ada = ada_at(&mut process);
        let _ = ada.post(&path(7), &json!({"weight": weight}));
        before = version(&etag(&ada.put(&path(7), &json!({"weight": weight})).expect(200)));
    }
    person.set_store(Some("new"));
    assert_eq!(dir_here.run(&["adopt"], &[]).code, Some(0));
    let copy = dir_here.backup();
    assert_eq!((records_in(&copy).len(), mark(&copy)), (0, (0, json!("new"))));
    let back = dir(&person);
    restore(&back, copy);
    let added = ada_at(&mut back.serve()).post(&path(7), &record()).expect(201);
    assert!(version(&etag(&added)) > before);
}

#[test]
fn adoption_after_a_restore_repeats_no_version() {
    let person = FakePerson::start();
    person.set_store(Some(OLD));
    let file = dir(&person);
    live(&ada_at(&mut file.serve()));
    let dir = dir_at(&person, &create_database());
    restore(&dir, file.backup());
    let mut process = dir.serve();
    let ada = ada_at(&mut process);
    let before = version(&etag(&ada.put(&path(7), &record()).expect(200)));
    person.set_store(Some("new"));
    assert_eq!(dir.run(&["adopt"], &[]).code, Some(0));
    assert!(version(&etag(&ada.post(&path(7), &record()).expect(201))) > before);
}

#[test]
fn database_with_content_is_refused_and_unchanged() {
    let copy = log_with_a_batch().0;
    for purged in [false, true] {
        let (person, url) = (FakePerson::start(), create_database());
        let dir = dir_at(&person, &url).with("HEALTH_PURGE_SECONDS", "1");
        let mut process = dir.serve();
        let ada = ada_at(&mut process);
        eventually("it is ready", || (ada.get("/readyz").status == 200).then_some(()));
        if purged {
            person.deletes(5, 7);
            let marked = || (query(&url, "SELECT count(gone) FROM record") == "1").then_some(());
            eventually("the deletion is marked", marked);
        } else {
            let _ = ada.post(&path(7), &record()).expect(201);
        }
        process.signal("TERM");
        process.ended();
        let before = query(&url, CONTENT);
        let ended = dir.restore(&copy);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        assert!(ended.err.contains("; restore into an empty one"), "{}", ended.err);
        assert_eq!(query(&url, CONTENT), before);
    }
}

#[test]
fn invalid_copy_changes_nothing_in_a_database() {
    let (person, url) = (person(), create_database());
    let dir = dir_at(&person, &url);
    drop(dir.backup());
    let before = query(&url, CONTENT);
    let (whole, _) = log_with_a_batch();
    let mut flipped = whole.clone();
    flipped[30] ^= 4;
    let truncated = whole[..log::beginnings(&whole)[2]].to_vec();
    for (copy, line) in [(Vec::new(), 1), (b"SQLite format 3\0".to_vec(), 1), (flipped, 1), (truncated, 3)] {
        let ended = dir.restore(copy);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        let words = format!("health: the copy is damaged in line {line}; nothing was changed");
        assert!(ended.err.starts_with(&words), "{words}: {}", ended.err);
        assert_eq!(query(&url, CONTENT), before);
    }
    restore(&dir, whole);
}

#[test]
fn running_replica_serves_the_restored_records() {
    let person = person();
    for (origin, status) in [(OLD, 200), ("another", 503)] {
        person.set_store(Some(origin));
        let file = dir(&person);
        live(&ada_at(&mut file.serve()));
        person.set_store(Some(OLD));
        let dir = dir_at(&person, &create_database());
        let mut process = dir.serve();
        let ada = ada_at(&mut process);
        let _ = ada.get(&path(7)).expect(404);
        restore(&dir, file.backup());
        // A copy whose records belong to another database of person is recognized as such.
        let _ = ada.get(&path(7)).expect(status);
        let _ = ada.put(&path(7), &record()).expect(status);
    }
}

#[test]
fn failed_output_of_a_copy_is_an_error() {
    let person = person();
    let dir = dir_at(&person, &create_database());
    let full = std::fs::File::options().write(true).open("/dev/full").expect("it is there");
    let ended = dir.backup_to(full);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("cannot write the copy: No space left"), "{}", ended.err);
}

#[test]
fn commands_report_a_database_that_is_not_there() {
    let person = FakePerson::start();
    let dir = dir_at(&person, "postgres://p:hunter2@127.0.0.1:1/db");
    let copy = log_with_a_batch().0;
    for ended in [dir.run(&["backup"], &[]), dir.restore(copy), dir.run(&["adopt"], &[])] {
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        assert!(ended.err.starts_with("health: cannot use the database: "), "{}", ended.err);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    assert!(!dir.path("postgres:").exists());
}
