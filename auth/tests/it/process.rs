//! The process, where auth differs from the other services.

use crate::service::{PASSWORD, log_in, register, test_dir};

#[test]
fn help_has_the_variables_and_the_commands_of_auth() {
    let ended = test_dir().run(&["--help"], &[]);
    assert_eq!(ended.code, Some(0));
    for words in [
        "AUTH_LISTEN",
        "[127.0.0.1:5003]",
        "AUTH_DB",
        "[data/auth/auth.db]",
        "keygen FILE",
        "grant USERNAME",
        "revoke USERNAME",
    ] {
        assert!(ended.out.contains(words), "{words} in {}", ended.out);
    }
    let ended = test_dir().run(&["--version"], &[]);
    assert_eq!(ended.out, format!("auth {}\n", auth::VERSION));
}

#[test]
fn invalid_variables_are_named_and_no_database_is_created() {
    let dir = test_dir();
    let ended = dir.run(&["serve"], &[("JWT_KEYS_FILE", ""), ("AUTH_LISTEN", "5003")]);
    assert_eq!(ended.code, Some(78));
    for words in ["JWT_KEYS_FILE must be set", "AUTH_LISTEN=5003"] {
        assert!(ended.err.contains(words), "{words} in {}", ended.err);
    }
    assert!(!dir.path("store").exists());
}

#[test]
fn accounts_survive_every_end_of_the_process() {
    let dir = test_dir();
    for (signal, username) in [("KILL", "ada"), ("TERM", "bob")] {
        let mut process = dir.serve();
        let _ = register(&process.client(), username, PASSWORD).expect(201);
        process.signal(signal);
        assert_eq!(process.ended().code(), (signal != "KILL").then_some(0));
        let _ = log_in(&dir.serve().client(), username, PASSWORD).expect(200);
    }
}

#[test]
fn new_database_has_no_user() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = process.client();
    for username in ["admin", "root", "auth", "user", "test"] {
        for password in ["admin", "password", "changeme", ""] {
            let _ = log_in(&client, username, password).expect(401);
        }
    }
}
