//! A PostgreSQL that stops and comes back.

use testkit::{FakePerson, PostgresServer, eventually};

use crate::harness::{ada_at, dir, etag, path, record};

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
    ada.get(&path(7)).expect_not_ready();
    ada.post(&path(7), &record()).expect_not_ready();
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
    ada.get(&path(7)).expect_not_ready();
    ada.delete(&path(7)).expect_not_ready();
    server.resume();
    eventually("the service is ready", ready);
    let read = ada.get(&path(7)).expect(200);
    assert_eq!((read.text(), &etag(&read)[..]), (added.text(), "\"3\""));
    process.signal("TERM");
    assert!(process.ended().success());
}
