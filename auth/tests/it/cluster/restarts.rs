//! A PostgreSQL that stops and comes back.

use testkit::{PostgresServer, eventually};

use super::location;
use crate::service::{AuthService, PASSWORD, log_in, register, test_dir, token};

/// Asserts that the answer asks to come back, and that nothing was changed.
#[track_caller]
fn refused(answer: testkit::Answer) {
    assert_eq!(answer.header("retry-after"), Some("1"), "{}", answer.text());
    answer.expect_problem(503, "not-ready");
}

#[test]
fn without_a_primary_every_call_is_503_until_it_is_back() {
    let mut server = PostgresServer::start();
    let service = AuthService::at(location(&server.create_database()));
    let ada = service.client().with_token(&service.token_of("ada"));
    server.stop("INT");
    refused(service.log_in("ada", PASSWORD));
    refused(service.register("bob", PASSWORD));
    refused(ada.delete("/me"));
    eventually("the service is not ready", || (service.client().get("/readyz").status == 503).then_some(()));
    let _ = service.client().get("/livez").expect(200);
    server.resume();
    service.wait_until_ready();
    let _ = token(&service.log_in("ada", PASSWORD));
    let _ = service.register("bob", PASSWORD).expect(201);
}

#[test]
fn service_starts_before_its_database() {
    let mut server = PostgresServer::start();
    let url = server.create_database();
    server.stop("INT");
    let dir = test_dir().with("AUTH_DB", &url);
    let mut process = dir.serve();
    let client = process.client();
    let _ = client.get("/livez").expect(200);
    let _ = client.get("/readyz").expect(503);
    refused(register(&client, "ada", PASSWORD));
    server.resume();
    eventually("the service is ready", || (client.get("/readyz").status == 200).then_some(()));
    let _ = register(&client, "ada", PASSWORD).expect(201);
    let _ = log_in(&client, "ada", PASSWORD).expect(200);
}
