//! The address of the cluster and its password.

use testkit::{PostgresServer, TestDir, eventually};

use crate::service::test_dir;

const CONFIG: Option<i32> = Some(78);

#[test]
fn password_is_never_shown() {
    for address in [
        "p:hunter2@/db",
        "p:hunter2@h:x/db",
        "p:hunter2@h/db?sslmode=verify-full",
        "h/db?password=hunter2&x=1",
    ] {
        let ended = test_dir().run(&["serve"], &[("PERSON_DB", &format!("postgres://{address}"))]);
        assert_eq!(ended.code, CONFIG, "{}", ended.err);
        assert!(!ended.err.contains("hunter2"), "{}", ended.err);
    }
    // Nobody listens on this port.
    let dir = test_dir().with("PERSON_DB", "postgres://p:hunter2@127.0.0.1:1/db").with("LOG", "trace");
    let dir = dir.with("PGPASSWORD", "hunter3");
    let mut process = dir.serve();
    process.shows("the failure is logged", |process| {
        process.logs().contains("the database cannot be reached").then_some(())
    });
    assert!(!process.logs().contains("hunter"), "{}", process.logs());
}

#[test]
fn password_comes_from_the_address_a_variable_or_a_file() {
    let server = PostgresServer::start();
    server.query("postgres", "CREATE ROLE app LOGIN PASSWORD 'correct horse'");
    server.query("postgres", "CREATE DATABASE app OWNER app");
    let rules = "local all tester trust' UNION ALL SELECT 'local all app scram-sha-256";
    server.query("postgres", &format!("COPY (SELECT '{rules}') TO PROGRAM 'cat >pg_hba.conf'"));
    server.query("postgres", "SELECT pg_reload_conf()");
    let address = |user: &str| format!("postgres://{user}@{}/app", server.host());
    let becomes_ready = |dir: &TestDir| {
        let mut process = dir.serve();
        let client = process.client();
        eventually("the service is ready", || (client.get("/readyz").status == 200).then_some(()));
    };
    becomes_ready(&test_dir().with("PERSON_DB", &address("app:correct%20horse")));
    let dir = test_dir().with("PERSON_DB", &address("app"));
    becomes_ready(&dir.with("PGPASSWORD", "correct horse"));
    let dir = test_dir();
    dir.write("password", "correct horse\n");
    let file = dir.text("password");
    let dir = dir.with("PERSON_DB", &address("app"));
    becomes_ready(&dir.with("PGPASSWORD_FILE", &file));
    let wrong = test_dir().with("PERSON_DB", &address("app:wrong"));
    let mut process = wrong.serve();
    process.shows("the refusal is logged", |process| process.logs().contains("(28P01)").then_some(()));
    let _ = process.client().get("/readyz").expect(503);
}
