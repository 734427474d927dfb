//! `auth revoke`: how an operator closes an account.

use std::fs;
use std::time::Duration;

use argon2::{Argon2, Params, PasswordHasher as _};
use auth::store::Location;
use serde_json::json;
use sqlite::rusqlite::Connection;
use testkit::{Wire, eventually};

use crate::service::{AuthService, PASSWORD, WRONG, credentials, log_in, register, test_dir, token};

#[test]
fn revoked_account_is_closed_while_the_service_runs() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = process.client();
    for username in ["ada", "bob"] {
        let _ = register(&client, username, PASSWORD).expect(201);
    }
    let ada = client.with_token(&token(&log_in(&client, "ada", PASSWORD)));
    // It needs only the database.
    let ended = dir.run(&["revoke", "ada"], &[("JWT_KEYS_FILE", "")]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("run out within 15 minutes"), "{}", ended.out);
    log_in(&client, "ada", PASSWORD).expect_problem(401, "wrong-credentials");
    register(&client, "ada", WRONG).expect_problem(409, "username-taken");
    let _ = ada.get("/me").expect(200);
    let change = json!({"current_password": PASSWORD, "new_password": WRONG});
    ada.put("/me/password", &change).expect_problem(401, "invalid-token");
    let _ = log_in(&client, "bob", PASSWORD).expect(200);
    drop(process);
    let _ = log_in(&dir.serve().client(), "ada", PASSWORD).expect(401);
}

#[test]
fn invalid_revocation_is_refused_and_changes_nothing() {
    let dir = test_dir();
    let ended = dir.run(&["revoke", "ada"], &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("does not exist; AUTH_DB"), "{}", ended.err);
    let mut process = dir.serve();
    let client = process.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    for unknown in ["bob", "Ada", ""] {
        let ended = dir.run(&["revoke", unknown], &[]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.err.contains(&format!("the user `{unknown}` does not exist")), "{}", ended.err);
    }
    assert_eq!(dir.run(&["revoke"], &[]).code, Some(64));
    assert_eq!(dir.run(&["revoke", "ada", "bob"], &[]).code, Some(64));
    let _ = log_in(&client, "ada", PASSWORD).expect(200);
    // Closed twice, or granted a role afterwards: there is no such account any more.
    for arguments in [&["revoke", "ada"][..], &["revoke", "ada"], &["grant", "ada", "admin"]] {
        let ended = dir.run(arguments, &[]);
        assert!(ended.code == Some(0) || ended.err.contains("does not exist"), "{}", ended.err);
    }
    let _ = log_in(&client, "ada", PASSWORD).expect(401);
}

#[test]
fn revoked_password_leaves_the_files_of_an_idle_service() {
    let service = AuthService::start_erasing_after(Duration::from_millis(100));
    let _ = service.register("ada", PASSWORD).expect(201);
    let traces = service.stored();
    let wal = service.db().with_file_name("store-wal");
    eventually("the registration has left the log", || {
        (fs::metadata(&wal).expect("a log").len() == 0).then_some(())
    });
    auth::store::revoke(&Location::File(service.db()), "ada").expect("it runs beside the service");
    assert!(service.wait_until_gone(&traces).contains("ada"));
}

#[test]
fn login_under_way_does_not_outlive_the_account() {
    let service = AuthService::on_file();
    let _ = service.register("ada", PASSWORD).expect(201);
    // A hash with 200 passes takes one to three seconds.
    let slow = Argon2::from(Params::new(19 * 1024, 200, 1, Some(32)).expect("valid parameters"));
    let hash = slow.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).expect("a hash");
    let db = Connection::open(service.db()).expect("the database");
    db.execute("UPDATE account SET password = ?1", [hash.to_string()]).expect("the service is idle");
    let body = credentials("ada", PASSWORD).to_string();
    let mut login = Wire::to(service.client().address());
    login.send(format!(
        "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    eventually("the login is under way", || {
        service.client().get("/metrics").text().contains("http_requests_in_flight 2").then_some(())
    });
    auth::store::revoke(&Location::File(service.db()), "ada").expect("it runs beside the service");
    // On a busy machine the login runs out of time.
    let status = login.answer().status;
    assert!([401, 503].contains(&status), "{status}");
}
