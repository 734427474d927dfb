//! `auth grant`: how somebody becomes an administrator.

use serde_json::json;
use testkit::{Client, tokens};

use crate::lab::{PASSWORD, log_in, place, register, token};

/// The role in a new token and as `/me` tells it.
fn role(client: &Client, username: &str) -> String {
    let token = token(&log_in(client, username, PASSWORD));
    let role = tokens::read(&token).1["role"].as_str().expect("a role").to_owned();
    assert_eq!(client.with_token(&token).get("/me").json(), json!({"username": username, "role": role}));
    role
}

#[test]
fn somebody_becomes_an_administrator_while_the_service_runs() {
    let place = place();
    let mut service = place.serve();
    let client = service.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    let _ = register(&client, "bob", PASSWORD).expect(201);
    let old = token(&log_in(&client, "ada", PASSWORD));
    for granted in ["admin", "admin", "user", "admin"] {
        // It needs the database alone: no key, no address.
        let ended = place.run(&["grant", "ada", granted], &[("JWT_KEYS_FILE", "")]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(role(&client, "ada"), granted);
    }
    assert_eq!(role(&client, "bob"), "user");
    // A token says what held when it was issued.
    assert_eq!(client.with_token(&old).get("/me").json()["role"], "user");
    drop(service);
    assert_eq!(role(&place.serve().client(), "ada"), "admin");
}

#[test]
fn it_works_while_others_register() {
    let place = place();
    let mut service = place.serve();
    let client = service.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..20 {
                let _ = register(&client, &format!("user-{i}"), PASSWORD).expect(201);
            }
        });
        for granted in ["admin", "user", "admin", "user", "admin"] {
            let ended = place.run(&["grant", "ada", granted], &[]);
            assert_eq!(ended.code, Some(0), "{}", ended.err);
        }
    });
    assert_eq!(role(&client, "ada"), "admin");
}

#[test]
fn a_grant_that_cannot_be_made_says_why_and_changes_nothing() {
    let place = place();
    let ended = place.run(&["grant", "ada", "admin"], &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("no database") && ended.err.contains("AUTH_DB"), "{}", ended.err);
    assert!(!place.path("store").exists(), "a typing error must not make a database");

    let mut service = place.serve();
    let client = service.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    for unknown in ["bob", "Ada", "ada ", ""] {
        let ended = place.run(&["grant", unknown, "admin"], &[]);
        assert_eq!(ended.code, Some(1), "{unknown}");
        assert!(ended.err.contains(&format!("no user `{unknown}`")), "{}", ended.err);
    }
    for arguments in
        [&["grant", "ada"][..], &["grant", "ada", "service"], &["grant", "ada", "root"], &["grant"]]
    {
        assert_eq!(place.run(arguments, &[]).code, Some(64), "{arguments:?}");
    }
    assert_eq!(role(&client, "ada"), "user");

    place.write("notes", "These are my notes.\n".repeat(100));
    let ended = place.run(&["grant", "ada", "admin"], &[("AUTH_DB", &place.text("notes"))]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("not a database"), "{}", ended.err);
}
