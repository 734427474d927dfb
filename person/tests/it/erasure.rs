//! Erased means gone: no byte of a deleted or replaced name stays in the service's own files. Person stands for every
//! service on SQLite.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlite::rusqlite::Connection;
use testkit::eventually;

use crate::service::{LIMIT, PersonService, ada, create, start_on, test_dir};

/// So short that no test waits for it.
const SOON: Duration = Duration::from_millis(50);
/// A part of every name, which occurs nowhere else in a file.
const NAME: &str = "Wilhelmina";

/// Returns whether any file in the folder has the name.
fn is_somewhere(folder: &Path) -> bool {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    files
        .filter_map(|file| fs::read(file).ok())
        .any(|bytes| bytes.windows(NAME.len()).any(|window| window == NAME.as_bytes()))
}

#[track_caller]
fn leaves_every_file(folder: &Path) {
    eventually("the name has left every file", || (!is_somewhere(folder)).then_some(()));
}

#[test]
fn deleted_and_replaced_names_leave_every_file() {
    let service = PersonService::erasing_after(SOON);
    // Many pages, so that some become free and some stay in use.
    let ids: Vec<_> = (0..200).map(|i| service.create(&format!("{NAME} {i} {}", "x".repeat(150)))).collect();
    assert!(is_somewhere(service.folder()));
    for (i, id) in ids.iter().enumerate() {
        let path = format!("/persons/{id}");
        if i % 10 == 0 {
            let _ = service.ada().put(&path, &json!({"name": "Ada"})).expect(200);
        } else {
            let _ = service.ada().delete(&path).expect(204);
        }
    }
    leaves_every_file(service.folder());
    assert_eq!(service.list().as_array().map(Vec::len), Some(20));
}

#[test]
fn name_deleted_before_a_kill_leaves_every_file() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = ada(&mut process);
    let id = create(&client, NAME);
    let _ = client.delete(&format!("/persons/{id}")).expect(204);
    process.signal("KILL");
    process.ended();
    assert!(is_somewhere(&dir.path("")));
    let service = start_on(&dir.path("store"), LIMIT, SOON).expect("the service starts");
    leaves_every_file(&dir.path(""));
    drop(service);
}

#[test]
fn reader_of_another_process_only_delays_the_erasure() {
    let service = PersonService::erasing_after(SOON);
    let id = service.create(NAME);
    // As a backup does, it keeps the state of one moment for a while.
    let reader = Connection::open(service.db()).expect("a database");
    reader.execute_batch("BEGIN; SELECT * FROM person").expect("a snapshot");
    let _ = service.ada().delete(&format!("/persons/{id}")).expect(204);
    // The service tries in vain to truncate the WAL, and goes on writing.
    let begun = Instant::now();
    while begun.elapsed() < SOON * 2 {
        service.create("Ada");
    }
    assert!(is_somewhere(service.folder()));
    drop(reader);
    leaves_every_file(service.folder());
}
