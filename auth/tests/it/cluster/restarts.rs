//! A PostgreSQL that stops and comes back.

use testkit::{PostgresServer, eventually};

use super::location;
use crate::service::{AuthService, PASSWORD, log_in, register, test_dir, token};

#[test]
fn without_a_primary_every_call_is_503_until_it_is_back() {
    let mut server = PostgresServer::start();
    let service = AuthService::at(location(&server.create_database()));
    let ada = service.client().with_token(&service.token_of("ada"));
    server.stop("INT");
    service.log_in("ada", PASSWORD).expect_not_ready();
    service.register("bob", PASSWORD).expect_not_ready();
    ada.delete("/me").expect_not_ready();
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
    register(&client, "ada", PASSWORD).expect_not_ready();
    server.resume();
    eventually("the service is ready", || (client.get("/readyz").status == 200).then_some(()));
    let _ = register(&client, "ada", PASSWORD).expect(201);
    let _ = log_in(&client, "ada", PASSWORD).expect(200);
}
