//! A PostgreSQL that stops and comes back.

use testkit::{FakePerson, PostgresServer, eventually};

use crate::harness::{ada_at, dir, etag, path, record};

/// Asserts that the answer asks to come back, and that nothing was changed.
#[track_caller]
fn refused(answer: testkit::Answer) {
    assert_eq!(answer.header("retry-after"), Some("1"), "{}", answer.text());
    answer.expect_problem(503, "not-ready");
}

#[test]
fn service_starts_and_goes_on_without_a_primary() {
    let mut server = PostgresServer::start();
    let url = server.create_database();
    server.stop("INT");
    let person = FakePerson::start();
    let dir = dir(&person).with("HEALTH_FILE", &url);
    let mut process = dir.serve();
    let ada = ada_at(&mut process);
    let _ = ada.get("/livez").expect(200);
    let _ = ada.get("/readyz").expect(503);
    refused(ada.get(&path(7)));
    refused(ada.post(&path(7), &record()));
    server.resume();
    let ready = || (ada.get("/readyz").status == 200).then_some(());
    eventually("the service is ready", ready);
    let added = ada.post(&path(7), &record()).expect(201);
    for _ in 0..2 {
        server.stop("INT");
        server.resume();
        // Not a 503: the statement is known not to have run, and is repeated.
        let _ = ada.put(&path(7), &record()).expect(200);
    }
    server.stop("QUIT");
    refused(ada.get(&path(7)));
    refused(ada.delete(&path(7)));
    server.resume();
    eventually("the service is ready", ready);
    let read = ada.get(&path(7)).expect(200);
    assert_eq!((read.text(), &etag(&read)[..]), (added.text(), "\"3\""));
    process.signal("TERM");
    assert!(process.ended().success());
}
