//! A database that is damaged, locked, or on a disk that fails.

use serde_json::json;
use sqlite::rusqlite::Connection;
use testkit::eventually;

use crate::service::{LIMIT, PersonService, ada, create, numbers, pages, test_dir};

#[test]
fn damaged_database_is_a_500_without_details() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = ada(&mut process);
    for _ in 0..20 {
        create(&client, "Ada");
    }
    process.signal("TERM");
    assert!(process.ended().success());
    // The service starts with the first page, which has the schema, and the page of the database's identity.
    let find = "SELECT rootpage FROM sqlite_schema WHERE name = 'identity'";
    let db = Connection::open(dir.path("store")).expect("a database");
    let identity: u32 = db.query_row(find, [], |row| row.get(0)).expect("a page");
    drop(db);
    let mut bytes = dir.files().remove("store").expect("a database");
    for (_, page) in (1..).zip(bytes.chunks_mut(4096)).filter(|(number, _)| ![1, identity].contains(number)) {
        page.fill(0xA5);
    }
    dir.write("store", &bytes);

    let mut process = dir.serve();
    let client = ada(&mut process);
    let post = client.post("/persons", &json!({"name": "Bob"}));
    for answer in [client.get("/persons"), client.get("/persons/1"), post] {
        let problem = answer.expect_problem(500, "internal").json();
        for word in ["malformed", "database", "sqlite", "SQL"] {
            assert!(!problem["detail"].to_string().contains(word), "{problem}");
        }
        let trace_id = problem["trace_id"].as_str().expect("text").to_owned();
        eventually("the log has the cause", || {
            let logs = process.logs();
            logs.lines().any(|line| line.contains(&trace_id) && line.contains("malformed")).then_some(())
        });
    }
}

#[test]
fn write_behind_a_lock_is_503_and_reads_go_on() {
    let service = PersonService::on_file(LIMIT, |_| {});
    let path = format!("/persons/{}", service.create("Ada"));
    let other = Connection::open(service.db()).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("no other writer");
    std::thread::scope(|scope| {
        let write = scope.spawn(|| service.ada().post("/persons", &json!({"name": "Bob"})));
        let _ = service.ada().get(&path).expect(200);
        let _ = service.ada().get("/persons").expect(200);
        let answer = write.join().expect("no panic");
        assert_eq!(answer.header("retry-after"), Some("1"));
        answer.expect_problem(503, "too-busy");
    });
    other.execute_batch("ROLLBACK").expect("an open transaction");
    service.create("Bob");
    assert_eq!(service.list().as_array().map(Vec::len), Some(2));
}

/// A limit on the size of files stands for a disk that fails: the write that exceeds it is an I/O error.
/// `checks/faults` makes every kind of system call fail.
#[test]
fn io_error_ends_the_process_without_losing_a_person() {
    let dir = test_dir();
    // In units of 512 bytes; each write adds about 12 KiB to the WAL.
    let mut process = dir.serve_after("trap '' XFSZ; ulimit -f 500");
    let client = ada(&mut process);
    let mut acknowledged = Vec::new();
    while let Ok(answer) = client.call("POST", "/persons").json(&json!({"name": "Ada"})).try_send() {
        if answer.status != 201 {
            answer.expect_problem(500, "internal");
            break;
        }
        acknowledged.push(answer.json()["id"].as_i64().expect("an id"));
        assert!(acknowledged.len() < 10_000, "no write fails");
    }
    assert_eq!(process.ended().code(), Some(1));
    let logs = process.logs();
    assert!(logs.contains("person: the database could not be written, and its state is unknown"), "{logs}");

    assert!(!acknowledged.is_empty());
    let pages = pages(&ada(&mut dir.serve()), "/persons?limit=1000");
    let kept: Vec<i64> = pages.iter().flat_map(|page| numbers(page, "id")).collect();
    assert!(acknowledged.iter().all(|id| kept.contains(id)), "{acknowledged:?} {kept:?}");
}
