//! `auth grant`: how a user becomes an administrator.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;
use testkit::{Client, tokens};

use crate::service::{PASSWORD, log_in, register, test_dir, token};

/// Returns the role in a new token, which `/me` must confirm.
fn role(client: &Client, username: &str) -> String {
    let token = token(&log_in(client, username, PASSWORD));
    let role = tokens::read(&token).1["role"].as_str().expect("a role").to_owned();
    assert_eq!(client.with_token(&token).get("/me").json(), json!({"username": username, "role": role}));
    role
}

#[test]
fn role_is_granted_while_the_service_runs() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = process.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    let _ = register(&client, "bob", PASSWORD).expect(201);
    let old = token(&log_in(&client, "ada", PASSWORD));
    for granted in ["admin", "admin", "user", "admin"] {
        // `grant` needs only the database.
        let ended = dir.run(&["grant", "ada", granted], &[("JWT_KEYS_FILE", "")]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(role(&client, "ada"), granted);
    }
    assert_eq!(role(&client, "bob"), "user");
    // A token keeps the role that its user had at the login.
    assert_eq!(client.with_token(&old).get("/me").json()["role"], "user");
    drop(process);
    assert_eq!(role(&dir.serve().client(), "ada"), "admin");
}

#[test]
fn role_is_granted_while_others_register() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = process.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..20 {
                let _ = register(&client, &format!("user-{i}"), PASSWORD).expect(201);
            }
        });
        for granted in ["admin", "user", "admin", "user", "admin"] {
            let ended = dir.run(&["grant", "ada", granted], &[]);
            assert_eq!(ended.code, Some(0), "{}", ended.err);
        }
    });
    assert_eq!(role(&client, "ada"), "admin");
}

#[test]
fn role_is_granted_through_a_symbolic_link_only() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = process.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    symlink("store", dir.path("link")).expect("a new link");
    fs::hard_link(dir.path("store"), dir.path("hard")).expect("a new link");
    let ended = dir.run(&["grant", "ada", "admin"], &[("AUTH_DB", &dir.text("link"))]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(role(&client, "ada"), "admin");
    // The running service has its last writes in a file named after the database, which this name does not lead to.
    for command in [&["grant", "ada", "user"][..], &["backup"]] {
        let ended = dir.run(command, &[("AUTH_DB", &dir.text("hard"))]);
        assert_eq!(ended.code, Some(1), "{command:?}");
        assert!(ended.err.contains("in use by another process under another name"), "{}", ended.err);
    }
    assert_eq!(role(&client, "ada"), "admin");
    process.signal("TERM");
    assert!(process.ended().success());
    let ended = dir.run(&["grant", "ada", "user"], &[("AUTH_DB", &dir.text("hard"))]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
}

#[test]
fn invalid_grant_is_refused_and_changes_nothing() {
    let dir = test_dir();
    let refused = |arguments: &[&str], db: &str, words: &str| {
        let ended = dir.run(arguments, &[("AUTH_DB", db)]);
        assert_eq!(ended.code, Some(1), "{arguments:?}");
        assert!(ended.err.contains(words), "{words} in {}", ended.err);
    };
    let db = dir.text("store");
    for words in ["does not exist", "AUTH_DB"] {
        refused(&["grant", "ada", "admin"], &db, words);
    }
    assert!(!dir.path("store").exists(), "a mistyped path must not create a database");

    let mut process = dir.serve();
    let client = process.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    for unknown in ["bob", "Ada", "ada ", ""] {
        refused(&["grant", unknown, "admin"], &db, &format!("the user `{unknown}` does not exist"));
    }
    for arguments in
        [&["grant", "ada"][..], &["grant", "ada", "service"], &["grant", "ada", "root"], &["grant"]]
    {
        assert_eq!(dir.run(arguments, &[]).code, Some(64), "{arguments:?}");
    }
    assert_eq!(role(&client, "ada"), "user");

    dir.write("notes", "These are my notes.\n".repeat(100));
    refused(&["grant", "ada", "admin"], &dir.text("notes"), "not a database");
}
