//! The file of the database: its names, its lock, its mode. Person stands for every service on SQLite.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use serde_json::json;
use sqlite::rusqlite::Connection;
use testkit::{Binary, TestDir, eventually};

use crate::service::{ada, create, test_dir};

/// Returns the number of Ada's persons.
fn count(process: &mut Binary) -> usize {
    ada(process).get("/persons").expect(200).json().as_array().expect("an array").len()
}

#[test]
fn open_database_is_locked_under_every_name() {
    let dir = test_dir();
    let mut first = dir.serve();
    let client = ada(&mut first);
    create(&client, "Ada");
    fs::create_dir(dir.path("elsewhere")).expect("a new folder");
    symlink(dir.path("store"), dir.path("link")).expect("a new link");
    symlink(dir.path(""), dir.path("elsewhere/folder")).expect("a new link");
    fs::hard_link(dir.path("store"), dir.path("elsewhere/hard")).expect("a new link");
    let refused = |name: &str| {
        let second = dir.run(&["serve"], &[("PERSON_DB", &dir.text(name))]);
        assert_eq!(second.code, Some(1), "{name}: {}", second.err);
        assert!(second.err.contains("is in use by another process"), "{name}: {}", second.err);
    };
    for name in ["link", "elsewhere/folder/store", "elsewhere/../store", "elsewhere/hard"] {
        refused(name);
    }
    fs::remove_file(dir.path("store.lock")).expect("a lock");
    refused("store");
    assert_eq!(dir.restore(dir.backup()).code, Some(1), "restore takes the same locks");
    create(&client, "Bob");
    drop(first);
    assert_eq!(count(&mut dir.serve()), 2);
}

#[test]
fn database_behind_a_link_has_all_its_files_there() {
    let dir = test_dir();
    fs::create_dir(dir.path("real")).expect("a new folder");
    symlink("real/db", dir.path("store")).expect("a new link");
    let mut process = dir.serve();
    create(&ada(&mut process), "Ada");
    let copy = dir.backup();
    process.signal("KILL");
    process.ended();
    for name in ["real/db", "real/db-wal", "real/db.lock"] {
        assert!(dir.path(name).exists(), "{name}");
    }
    let ended = dir.restore(copy);
    assert!(ended.out.contains("real/db.replaced-"), "{}", ended.out);
    assert!(dir.path("store").is_symlink());
    assert_eq!(count(&mut dir.serve()), 1);
    assert_eq!(dir.named(""), ["keys", "store"]);
}

#[test]
fn write_to_a_removed_or_replaced_database_is_fatal() {
    let remove: fn(&TestDir, &str) = |dir, name| fs::remove_file(dir.path(name)).expect("it is there");
    let replace: fn(&TestDir, &str) = |dir, name| {
        fs::copy(dir.path(name), dir.path("new")).expect("it is there");
        fs::rename(dir.path("new"), dir.path(name)).expect("it is there");
    };
    for (act, name, words) in [
        (remove, "store", "store was removed while it was open"),
        (replace, "store", "store was replaced by another file while it was open"),
        (remove, "store-wal", "store-wal was removed while it was open"),
        (replace, "store-wal", "store-wal was replaced by another file while it was open"),
        (remove, "store-shm", "store-shm was removed while it was open"),
    ] {
        let dir = test_dir();
        let mut process = dir.serve();
        let client = ada(&mut process);
        create(&client, "Ada");
        let _ = client.get("/readyz").expect(200);
        act(&dir, name);
        let answer = client.get("/readyz").expect(503).text();
        assert!(answer.contains("the database was removed or replaced"), "{answer}");
        let write = client.call("POST", "/persons").json(&json!({"name": "Bob"})).try_send();
        assert!(write.is_err(), "{name}: the write was acknowledged");
        assert_eq!(process.ended().code(), Some(1));
        assert!(process.logs().contains(words), "{words} in {}", process.logs());
    }
}

#[test]
fn creation_of_a_database_is_logged() {
    let dir = test_dir();
    let created = format!("created a new, empty database at {}", dir.text("store"));
    for expected in [true, false] {
        let mut process = dir.serve();
        let _ = process.client();
        assert_eq!(process.logs().contains(&created), expected, "{}", process.logs());
    }
}

/// Returns the mode of a file.
fn mode(dir: &TestDir, name: &str) -> u32 {
    fs::metadata(dir.path(name)).expect("a file").permissions().mode() & 0o777
}

#[test]
fn every_file_is_readable_by_its_user_only() {
    let dir = test_dir();
    fs::set_permissions(dir.path(""), Permissions::from_mode(0o755)).expect("a folder");
    // With this umask a file that is created without a mode is readable and writable by all.
    let mut process = dir.serve_after("umask 0");
    create(&ada(&mut process), "Ada");
    let check = |expected: &[&str]| {
        let names = dir.named("");
        for name in &names {
            assert_eq!(mode(&dir, name), 0o600, "{name}");
        }
        for name in expected {
            assert!(names.iter().any(|found| found.starts_with(name)), "{name} in {names:?}");
        }
    };
    check(&["store", "store-wal", "store-shm", "store.lock"]);
    let copy = dir.backup();
    process.signal("KILL");
    process.ended();
    // As an earlier version has left it.
    for name in ["store", "store-wal", "store-shm", "store.lock"] {
        fs::set_permissions(dir.path(name), Permissions::from_mode(0o644)).expect("a file");
    }
    assert_eq!(dir.restore(copy).code, Some(0));
    check(&["store.replaced-"]);
    fs::set_permissions(dir.path("store"), Permissions::from_mode(0o644)).expect("a file");
    create(&ada(&mut dir.serve_after("umask 0")), "Bob");
    check(&["store", "store-wal", "store-shm"]);
}

#[test]
fn copy_that_a_backup_makes_is_readable_by_its_user_only() {
    let dir = test_dir();
    drop(ada(&mut dir.serve()));
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                INSERT INTO person (name, owner) SELECT 'Ada', 'ada' FROM n";
    Connection::open(dir.path("store")).expect("a database").execute(many, []).expect("new rows");
    // Nobody reads the pipe, so the backup waits with its copy half sent.
    let script = "umask 0; exec \"$0\" backup";
    let mut backup = Command::new("/bin/sh");
    backup.args(["-c", script, env!("CARGO_BIN_EXE_person")]).env("PERSON_DB", dir.path("store"));
    let mut backup = backup.stdout(Stdio::piped()).spawn().expect("a shell");
    eventually("the copy has begun", || {
        fs::metadata(dir.path("store.backup")).is_ok_and(|found| found.len() > 0).then_some(())
    });
    for name in ["store.backup", "store.backup.lock"] {
        assert_eq!(mode(&dir, name), 0o600, "{name}");
    }
    backup.kill().and_then(|()| backup.wait()).expect("it is our child");
}
