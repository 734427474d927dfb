//! TLS to the database, by the modes of libpq.

use testkit::{PostgresServer, eventually};

use crate::service::test_dir;

#[test]
fn tls_is_used_and_checked_as_sslmode_says() {
    let mut server = PostgresServer::start();
    let socket = server.create_database();
    let database = socket.rsplit('/').next().expect("a name");
    let tls = server.listen_with_tls("database.test");
    let by_address = |options: &str| format!("{}/{database}?{options}", tls.address);
    let by_name = |options: &str| format!("database.test/{database}?hostaddr={}&{options}", tls.address);
    let known = |mode: &str| format!("sslmode={mode}&sslrootcert={}", tls.authority);
    let other = |mode: &str| format!("sslmode={mode}&sslrootcert={}", tls.stranger);
    // The address, and why there is no connection.
    let cases = [
        (by_address("sslmode=disable"), Some("no encryption")),
        (by_address(""), None),
        (by_address("sslmode=prefer"), None),
        (by_address("sslmode=require"), None),
        (by_address(&known("require")), None),
        (by_address(&other("require")), Some("UnknownIssuer")),
        (by_address(&known("verify-ca")), None),
        (by_name(&other("verify-ca")), Some("UnknownIssuer")),
        (by_name(&known("verify-full")), None),
        (by_address(&known("verify-full")), Some("certificate not valid for name")),
        (by_name(&other("verify-full")), Some("UnknownIssuer")),
    ];
    for (address, refusal) in cases {
        let dir = test_dir().with("PERSON_DB", &format!("postgres://tester@{address}"));
        let mut process = dir.serve();
        if let Some(reason) = refusal {
            process.shows(reason, |process| process.logs().contains(reason).then_some(()));
            let _ = process.client().get("/readyz").expect(503);
            continue;
        }
        let client = process.client();
        eventually(&address, || (client.get("/readyz").status == 200).then_some(()));
        let sql = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                   WHERE application_name = 'person'";
        assert_eq!(server.query(database, sql), "t", "{address}");
    }
}

#[test]
fn tls_that_is_asked_for_is_not_given_up() {
    let mut server = PostgresServer::start();
    let _ = server.create_database();
    let tls = server.listen_with_tls("database.test");
    server.query("postgres", "ALTER SYSTEM SET ssl = off");
    server.query(
        "postgres",
        "COPY (SELECT 'local all all trust' UNION ALL SELECT 'host all all all trust')
                              TO PROGRAM 'cat >pg_hba.conf'",
    );
    server.query("postgres", "SELECT pg_reload_conf()");
    eventually("the server has no TLS", || (server.query("postgres", "SHOW ssl") == "off").then_some(()));
    let url = format!("postgres://tester@{}/test0", tls.address);
    let dir = test_dir().with("PERSON_DB", &format!("{url}?sslmode=require"));
    let mut process = dir.serve();
    let reason = "server does not support TLS";
    process.shows(reason, |process| process.logs().contains(reason).then_some(()));
    let _ = process.client().get("/readyz").expect(503);
}

#[test]
fn wrong_options_of_tls_are_configuration_errors() {
    let dir = test_dir();
    dir.write("empty.pem", "");
    dir.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let file = |name: &str| dir.text(name);
    for (options, message) in [
        ("sslmode=allow".to_owned(), "must be disable, prefer, require, verify-ca or verify-full"),
        ("sslmode=verify-full".to_owned(), "need sslrootcert=FILE"),
        (format!("sslmode=verify-ca&sslrootcert={}", file("absent.pem")), "cannot be read: No such file"),
        (format!("sslmode=verify-ca&sslrootcert={}", file("empty.pem")), "holds no certificate"),
        (format!("sslmode=verify-ca&sslrootcert={}", file("broken.pem")), "not a certificate in PEM"),
    ] {
        let ended = dir.run(&["serve"], &[("PERSON_DB", &format!("postgres://p:hunter2@h/db?{options}"))]);
        assert_eq!(ended.code, Some(78), "{options}: {}", ended.err);
        assert!(ended.err.contains(message) && !ended.err.contains("hunter2"), "{options}: {}", ended.err);
    }
}
