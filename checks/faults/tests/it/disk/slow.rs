//! A disk that takes longer to sync than a request may take: strace delays the call.

use faults::{report, services};
use serde_json::json;
use testkit::{Answer, Binary, Client};

/// Makes the next sync of a running process take seven seconds.
fn delay_next_sync(process: &Binary) -> Binary {
    let id = process.id().to_string();
    let calls = "fsync,fdatasync";
    let inject = format!("inject={calls}:delay_enter=7s:when=1");
    let arguments = ["-f", "-p", &id, "-e", &format!("trace={calls}"), "-e", &inject];
    let mut strace = Binary::start("/usr/bin/strace", &arguments, &[]);
    strace.shows("strace is attached", |strace| strace.logs().contains("attached").then_some(()));
    strace
}

fn create(client: &Client, key: Option<&str>) -> Answer {
    let call = client.call("POST", "/persons");
    let call = key.iter().fold(call, |call, key| call.header("Idempotency-Key", key));
    call.json(&json!({"name": "Ada"})).send()
}

#[test]
fn write_that_outlasts_its_request_has_an_unknown_outcome() {
    let dir = services::person();
    let mut process = dir.serve();
    let ada = services::ada(&mut process);
    let count = || ada.get("/persons").expect(200).json().as_array().map(Vec::len);
    let _ = create(&ada, None).expect(201);

    let strace = delay_next_sync(&process);
    let answer = create(&ada, Some("k")).expect_problem(503, "outcome-unknown");
    assert_eq!(answer.header("retry-after"), None);
    drop(strace);
    // Repeated without a key it would be a third person; with the key it is the same one, whenever the write ends.
    let repeated = create(&ada, Some("k")).expect(201);
    assert_eq!((repeated.json()["id"].as_i64(), count()), (Some(2), Some(2)));
    report(
        "a sync of seven seconds",
        "a creation, then its repetition",
        "outcome-unknown, then the same person",
    );
}
