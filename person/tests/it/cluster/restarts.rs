//! A PostgreSQL that stops and comes back.

use serde_json::json;
use testkit::{PostgresServer, eventually};

use super::{either, location};
use crate::service::{LIMIT, PersonService, test_dir};

fn wait_until_not_ready(service: &PersonService) {
    eventually("the service is not ready", || {
        (service.anonymous().get("/readyz").status == 503).then_some(())
    });
}

#[test]
fn without_a_primary_every_call_is_503_until_it_is_back() {
    let mut server = PostgresServer::start();
    let service = PersonService::at(location(&server.create_database()), LIMIT);
    let id = service.create("Ada");
    let path = format!("/persons/{id}");
    let read = service.ada().get(&path).expect(200);
    server.stop("INT");
    service.ada().get(&path).expect_not_ready();
    service.ada().get("/persons").expect_not_ready();
    service.ada().post("/persons", &json!({"name": "Bob"})).expect_not_ready();
    service.ada().put(&path, &json!({"name": "Eve"})).expect_not_ready();
    service.ada().delete(&path).expect_not_ready();
    service.health().get("/persons/deleted").expect_not_ready();
    wait_until_not_ready(&service);
    let _ = service.anonymous().get("/livez").expect(200);
    server.resume();
    service.wait_until_ready();
    let again = service.ada().get(&path).expect(200);
    assert_eq!((again.text(), again.header("etag")), (read.text(), read.header("etag")));
    assert!(service.create("Bob") > id);
    assert_eq!(service.list().as_array().map(Vec::len), Some(2));
}

#[test]
fn connections_that_a_restart_broke_are_replaced_unseen() {
    let mut server = PostgresServer::start();
    let service = PersonService::at(location(&server.create_database()), LIMIT);
    let id = service.create("Ada");
    for _ in 0..3 {
        server.stop("INT");
        server.resume();
        // Not a 503: the statement is known not to have run, and is repeated.
        let _ = service.ada().put(&format!("/persons/{id}"), &json!({"name": "Eve"})).expect(200);
    }
}

#[test]
fn new_database_under_a_running_replica_is_used() {
    let server = PostgresServer::start();
    let url = server.create_database();
    let database = url.rsplit('/').next().expect("a name");
    let service = PersonService::at(location(&url), LIMIT);
    let path = format!("/persons/{}", service.create("Ada"));
    let before = service.ada().get(&path).expect(200);
    server.query("postgres", &format!("DROP DATABASE {database} WITH (FORCE)"));
    server.query("postgres", &format!("CREATE DATABASE {database}"));
    // The first calls find the broken connections.
    let after = eventually("the new database is used", || {
        let answer = service.ada().get(&path);
        (answer.status != 503).then_some(answer)
    });
    let after = after.expect(404);
    let _ = service.create("Ada");
    let store = |answer: &testkit::Answer| answer.header("person-store").map(str::to_owned);
    assert!(store(&after).is_some() && store(&after) != store(&before), "{after:?} {before:?}");
}

#[test]
fn service_starts_before_its_database() {
    let mut server = PostgresServer::start();
    let url = server.create_database();
    server.stop("INT");
    let dir = test_dir().with("PERSON_DB", &url);
    let mut process = dir.serve();
    let client = process.client();
    let _ = client.get("/livez").expect(200);
    let _ = client.get("/readyz").expect(503);
    server.resume();
    eventually("the service is ready", || (client.get("/readyz").status == 200).then_some(()));
}

/// Makes a server look like a standby, or like a primary.
fn set_read_only(server: &PostgresServer, read_only: bool) {
    let value = if read_only { "on" } else { "off" };
    server.query("postgres", &format!("ALTER SYSTEM SET default_transaction_read_only = {value}"));
    server.query("postgres", "SELECT pg_reload_conf()");
    eventually("the server has read its configuration", || {
        (server.query("postgres", "SHOW transaction_read_only") == value).then_some(())
    });
}

#[test]
fn only_a_primary_is_used() {
    let [standby, primary] = [(); 2].map(|()| PostgresServer::start());
    let urls = [&standby, &primary].map(PostgresServer::create_database);
    assert!(urls.iter().all(|url| url.ends_with("/test0")));
    set_read_only(&standby, true);
    let service = PersonService::at(location(&either(&standby, &primary, "test0")), LIMIT);
    let path = format!("/persons/{}", service.create("Ada"));
    assert_eq!(standby.query("test0", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
    // The open connections now lead to a server that is no longer the primary.
    set_read_only(&primary, true);
    service.ada().put(&path, &json!({"name": "Eve"})).expect_not_ready();
    wait_until_not_ready(&service);
    set_read_only(&primary, false);
    service.wait_until_ready();
    assert_eq!(service.ada().put(&path, &json!({"name": "Eve"})).expect(200).json()["name"], "Eve");
}

#[test]
fn interrupted_migration_is_finished() {
    let server = PostgresServer::start();
    let mut service = PersonService::at(location(&server.create_database()), LIMIT);
    let path = format!("/persons/{}", service.create("Ada"));
    let store = |service: &PersonService| {
        service.ada().get(&path).expect(200).header("person-store").expect("an identity").to_owned()
    };
    let before = store(&service);
    server.query("test0", "DROP TABLE created; UPDATE schema_version SET version = 0");
    service.restart();
    assert_eq!(store(&service), before);
    let call = service.ada().call("POST", "/persons").header("Idempotency-Key", "k");
    let _ = call.json(&json!({"name": "Bob"})).send().expect(201);
}

#[test]
fn schema_of_a_later_version_is_left_alone() {
    let server = PostgresServer::start();
    let url = server.create_database();
    drop(PersonService::at(location(&url), LIMIT));
    server.query("test0", "UPDATE schema_version SET version = 99");
    let dir = test_dir().with("PERSON_DB", &url);
    let mut process = dir.serve();
    process.shows("the refusal is logged", |process| {
        process.logs().contains("the schema has version 99").then_some(())
    });
    let _ = process.client().get("/readyz").expect(503);
    assert_eq!(server.query("test0", "SELECT version FROM schema_version"), "99");
}
