//! The file of the log: its names, its lock, its mode, and the numbers in it after a restore.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::json;
use testkit::{Client, FakePerson, Response, TestDir, eventually};

use crate::harness::{ada_at, dir, etag, path, record, text};
use crate::log;

/// Starts a person service whose feed of deletions fails, so that the purge writes nothing.
fn person() -> FakePerson {
    let person = FakePerson::start();
    person.says_of_deletions(Response::Close);
    person
}

#[test]
fn open_log_is_locked_under_every_name() {
    let person = person();
    let dir = dir(&person);
    dir.write("store", log::overgrown(10));
    let mut first = dir.serve();
    let client = ada_at(&mut first);
    symlink(dir.path("store"), dir.path("link")).expect("a new link");
    let refused = |name: &str| {
        let second = dir.run(&["serve"], &[("HEALTH_FILE", &dir.text(name))]);
        assert_eq!(second.code, Some(1), "{name}: {}", second.err);
        assert!(second.err.contains("is in use by another process"), "{name}: {}", second.err);
    };
    // The lock is held by the file that the service opened, and by the one that a compaction makes.
    for compacted in [false, true] {
        if compacted {
            let _ = client.put(&path(1), &record()).expect(200);
            eventually("the log is compacted", || first.logs().contains(r#""compacted""#).then_some(()));
        }
        fs::hard_link(dir.path("store"), dir.path("hard")).expect("a new link");
        refused("link");
        refused("hard");
        fs::remove_file(dir.path("store.lock")).expect("a lock");
        refused("store");
        assert_eq!(dir.restore(log::empty()).code, Some(1), "restore takes the same locks");
        fs::remove_file(dir.path("hard")).expect("a link");
    }
    let _ = client.put(&path(2), &record()).expect(200);
    drop(first);
    log::read(&dir.path("store"));
    assert_eq!(ada_at(&mut dir.serve()).get(&path(2)).expect(200).json(), record());
}

#[test]
fn compaction_replaces_the_file_and_not_a_link_to_it() {
    let person = person();
    let dir = dir(&person);
    fs::create_dir(dir.path("real")).expect("a new folder");
    dir.write("real/log", log::overgrown(10));
    symlink("real/log", dir.path("store")).expect("a new link");
    let mut service = dir.serve();
    let _ = ada_at(&mut service).put(&path(1), &record()).expect(200);
    eventually("the log is compacted", || service.logs().contains(r#""compacted""#).then_some(()));
    let _ = ada_at(&mut service).put(&path(2), &record()).expect(200);
    assert!(dir.path("store").is_symlink());
    assert_eq!(log::read(&dir.path("real/log")).last().expect("a line")["id"], 2);
    assert_eq!(dir.named(""), ["keys", "store"]);
}

#[test]
fn link_to_a_missing_log_creates_it_where_it_points() {
    let person = person();
    let dir = dir(&person);
    fs::create_dir(dir.path("real")).expect("a new folder");
    symlink("real/log", dir.path("store")).expect("a new link");
    let mut service = dir.serve();
    let _ = ada_at(&mut service).post(&path(1), &record()).expect(201);
    assert!(dir.path("store").is_symlink());
    let created = format!("created a new, empty log at {}", dir.path("real/log").display());
    assert!(service.logs().contains(&created), "{}", service.logs());
    assert_eq!(log::read(&dir.path("real/log")).last().expect("a line")["id"], 1);
    drop(service);
    let mut service = dir.serve();
    let _ = ada_at(&mut service).get(&path(1)).expect(200);
    assert!(!service.logs().contains("created a new"), "{}", service.logs());
}

#[test]
fn write_to_a_removed_or_replaced_log_is_fatal() {
    let remove: fn(&TestDir) = |dir| fs::remove_file(dir.path("store")).expect("it is there");
    let replace: fn(&TestDir) = |dir| {
        fs::copy(dir.path("store"), dir.path("new")).expect("it is there");
        fs::rename(dir.path("new"), dir.path("store")).expect("it is there");
    };
    for (act, words) in [
        (remove, "store was removed while it was open"),
        (replace, "store was replaced by another file while it was open"),
    ] {
        let person = person();
        let dir = dir(&person);
        let mut service = dir.serve();
        let client = ada_at(&mut service);
        let _ = client.post(&path(1), &record()).expect(201);
        let _ = client.get("/readyz").expect(200);
        act(&dir);
        let answer = client.get("/readyz").expect(503).text();
        assert!(answer.contains("the log was removed or replaced"), "{answer}");
        let write = client.call("PUT", &path(1)).json(&record()).try_send();
        assert!(write.is_err(), "the write was acknowledged");
        assert_eq!(service.ended().code(), Some(1));
        assert!(service.logs().contains(words), "{words} in {}", service.logs());
    }
}

#[test]
fn every_file_is_readable_by_its_user_only() {
    let person = person();
    let dir = dir(&person);
    fs::set_permissions(dir.path(""), Permissions::from_mode(0o755)).expect("a folder");
    let check = |expected: &[&str]| {
        let names = dir.named("");
        for name in &names {
            let mode = fs::metadata(dir.path(name)).expect("a file").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{name}: {mode:o}");
        }
        for name in expected {
            assert!(names.iter().any(|found| found.starts_with(name)), "{name} in {names:?}");
        }
    };
    // With this umask a file that is created without a mode is readable and writable by all.
    let _ = ada_at(&mut dir.serve_after("umask 0")).post(&path(1), &record()).expect(201);
    check(&["store", "store.lock"]);
    let copy = dir.backup();
    // A torn batch, in a log as an earlier version has left it.
    dir.write("store", log::overgrown(10) + "{\"seq\":");
    fs::set_permissions(dir.path("store"), Permissions::from_mode(0o644)).expect("a file");
    let mut service = dir.serve_after("umask 0");
    let _ = ada_at(&mut service).put(&path(1), &record()).expect(200);
    check(&["store", "store.broken-"]);
    eventually("the log is compacted", || service.logs().contains(r#""compacted""#).then_some(()));
    check(&["store"]);
    drop(service);
    assert_eq!(dir.restore(copy).code, Some(0));
    check(&["store", "store.replaced-"]);
}

/// Writes to person 1, who exists in the copy, and to person 2, and returns the last ETag of person 1.
fn write(client: &Client, told: &mut BTreeMap<String, String>, round: usize) -> String {
    let mut tell = |answer: testkit::Answer, id: i64| {
        let (etag, content) = (etag(&answer), text(&answer));
        let before = told.insert(format!("{id} {etag}"), content.clone());
        assert!(
            before.as_ref().is_none_or(|before| *before == content),
            "{etag}: {before:?}, then {content}"
        );
        etag
    };
    tell(client.get(&path(1)).expect(200), 1);
    tell(client.post(&path(2), &json!({"weight": 80 + round})).expect(201), 2);
    tell(client.put(&path(2), &json!({"weight": 90 + round})).expect(200), 2);
    let _ = client.delete(&path(2)).expect(204);
    tell(client.put(&path(1), &json!({"weight": 60 + round})).expect(200), 1)
}

#[test]
fn restored_copies_never_repeat_a_version() {
    let person = person();
    let dir = dir(&person);
    let mut service = dir.serve();
    let _ = ada_at(&mut service).post(&path(1), &record()).expect(201);
    let copy = dir.backup();
    let mut told = BTreeMap::new();
    let mut stale = write(&ada_at(&mut service), &mut told, 0);
    for round in 1..5 {
        drop(service);
        if round == 3 {
            // The replaced log is lost: then the time alone must do.
            fs::remove_file(dir.path("store")).expect("it is there");
        }
        assert_eq!(dir.restore(&copy).code, Some(0));
        service = dir.serve();
        let client = ada_at(&mut service);
        assert_eq!(client.get(&path(1)).expect(200).json(), record());
        let change = client.call("PUT", &path(1)).json(&json!({"weight": 55}));
        let _ = change.header("if-match", &stale).send().expect(412);
        stale = write(&client, &mut told, round);
    }
    // A log that was ahead of the clock stays ahead of it.
    drop(service);
    let ahead = i64::MAX / 2;
    let end = log::put(ahead.unsigned_abs(), [ahead.unsigned_abs(); 2], 1, 70.0);
    let snapshot = format!(r#"{{"seq":{0},"batch":[{0},{0}],"op":"snapshot"}}"#, ahead - 1);
    let empty = log::empty();
    let rest = &empty[empty.find('\n').expect("a line") + 1..];
    dir.write("store", log::checksummed(&snapshot) + rest + &end);
    assert_eq!(dir.restore(&copy).code, Some(0));
    let answer = ada_at(&mut dir.serve()).put(&path(1), &record()).expect(200);
    assert_eq!(etag(&answer), format!("\"{}\"", ahead + 1));
}
