//! A database that cannot be used, or not now.

use std::fs;

use serde_json::json;
use sqlite::rusqlite::Connection;
use testkit::{eventually, tokens};

use crate::lab::{Lab, create, pages, place};

#[test]
fn a_damaged_database_is_a_500_that_says_nothing_of_the_inside() {
    let place = place();
    let mut service = place.serve();
    let ada = service.client().with_token(&tokens::user("ada"));
    for _ in 0..20 {
        create(&ada, "Ada");
    }
    service.signal("TERM");
    assert!(service.ended().success());
    // The first page holds the schema; with it alone the service starts.
    let mut bytes = fs::read(place.path("store")).expect("a database");
    bytes[4096..].fill(0xA5);
    place.write("store", &bytes);

    let mut service = place.serve();
    let ada = service.client().with_token(&tokens::user("ada"));
    for answer in [ada.get("/persons"), ada.get("/persons/1"), ada.post("/persons", &json!({"name": "Bob"}))]
    {
        let problem = answer.expect_problem(500, "internal").json();
        for word in ["malformed", "database", "sqlite", "SQL"] {
            assert!(!problem["detail"].to_string().contains(word), "{problem}");
        }
        let trace_id = problem["trace_id"].as_str().expect("text").to_owned();
        eventually("the log has the cause", || {
            let logs = service.logs();
            logs.lines().any(|line| line.contains(&trace_id) && line.contains("malformed")).then_some(())
        });
    }
}

#[test]
fn a_write_that_another_process_holds_up_too_long_is_503_and_reads_go_on() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let other = Connection::open(lab.db()).expect("the database");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    std::thread::scope(|scope| {
        let write = scope.spawn(|| lab.ada().post("/persons", &json!({"name": "Bob"})));
        let _ = lab.ada().get(&path).expect(200);
        let _ = lab.ada().get("/persons").expect(200);
        let answer = write.join().expect("no panic");
        assert_eq!(answer.header("retry-after"), Some("1"));
        answer.expect_problem(503, "too-busy");
    });
    other.execute_batch("ROLLBACK").expect("it was begun");
    lab.create("Bob");
    assert_eq!(lab.ada().get("/persons").json().as_array().map(Vec::len), Some(2));
}

/// A limit on the size of files stands in for a disk that fails: the write that passes it is an I/O error.
#[test]
fn an_io_error_ends_the_process_and_nothing_acknowledged_is_lost() {
    let place = place();
    // In units of 512 bytes; the WAL grows by 12 KiB or so a write.
    let mut service = place.serve_after("trap '' XFSZ; ulimit -f 500");
    let ada = service.client().with_token(&tokens::user("ada"));
    let mut acknowledged = Vec::new();
    while let Ok(answer) = ada.call("POST", "/persons").json(&json!({"name": "Ada"})).try_send() {
        if answer.status != 201 {
            // No more is known of this one than that something went wrong.
            answer.expect_problem(500, "internal");
            break;
        }
        acknowledged.push(answer.json()["id"].as_i64().expect("an id"));
        assert!(acknowledged.len() < 10_000, "the limit does not hold");
    }
    assert_eq!(service.ended().code(), Some(1));
    let logs = service.logs();
    assert!(logs.contains("person: the database could not be written, and its state is unknown"), "{logs}");

    assert!(!acknowledged.is_empty());
    let mut again = place.serve();
    let ada = again.client().with_token(&tokens::user("ada"));
    let pages = pages(&ada, "/persons?limit=1000");
    let there: Vec<i64> = pages.iter().flat_map(|page| crate::lab::numbers(page, "id")).collect();
    assert!(acknowledged.iter().all(|id| there.contains(id)), "{acknowledged:?} {there:?}");
}
