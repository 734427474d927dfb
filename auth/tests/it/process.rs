//! The process, where it differs from the other services'.

use crate::lab::{PASSWORD, log_in, place, register};

#[test]
fn help_tells_of_every_variable_and_of_keygen_and_grant() {
    let ended = place().run(&["--help"], &[]);
    assert_eq!(ended.code, Some(0));
    for word in [
        "AUTH_LISTEN",
        "[127.0.0.1:5003]",
        "AUTH_DB",
        "[data/auth/auth.db]",
        "JWT_KEYS_FILE",
        "keygen FILE",
        "grant USERNAME",
    ] {
        assert!(ended.out.contains(word), "{word} in {}", ended.out);
    }
    let ended = place().run(&["--version"], &[]);
    assert_eq!(ended.out, format!("auth {}\n", auth::VERSION));
}

#[test]
fn without_a_key_it_does_not_start_and_every_wrong_variable_is_named() {
    let place = place();
    let ended = place.run(&[], &[("JWT_KEYS_FILE", ""), ("AUTH_LISTEN", "5003")]);
    assert_eq!(ended.code, Some(78));
    assert!(
        ended.err.contains("JWT_KEYS_FILE must be given") && ended.err.contains("AUTH_LISTEN=5003"),
        "{}",
        ended.err
    );
    place.write("keys", "test:c2hvcnQ\n");
    let ended = place.run(&[], &[]);
    assert_eq!(ended.code, Some(78));
    assert!(ended.err.contains("line 1"), "{}", ended.err);
    assert!(!place.path("store").exists());
}

#[test]
fn accounts_outlive_the_process_however_it_ends() {
    let place = place();
    for (signal, username) in [("KILL", "ada"), ("TERM", "bob"), ("INT", "eve")] {
        let mut service = place.serve();
        let _ = register(&service.client(), username, PASSWORD).expect(201);
        service.signal(signal);
        assert_eq!(service.ended().code(), (signal != "KILL").then_some(0));
        let mut again = place.serve();
        let _ = log_in(&again.client(), username, PASSWORD).expect(200);
    }
}

#[test]
fn there_is_no_default_user() {
    let place = place();
    let mut service = place.serve();
    let client = service.client();
    for username in ["admin", "root", "auth", "user", "test"] {
        for password in ["admin", "password", "changeme", ""] {
            let _ = log_in(&client, username, password).expect(401);
        }
    }
}

#[test]
fn a_second_service_on_the_same_database_is_refused() {
    let place = place();
    let mut first = place.serve();
    let _ = register(&first.client(), "ada", PASSWORD).expect(201);
    let second = place.run(&["serve"], &[]);
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains("is in use by another process"), "{}", second.err);
    let _ = log_in(&first.client(), "ada", PASSWORD).expect(200);
}

#[test]
fn healthcheck_says_whether_it_is_ready() {
    let place = place();
    let mut service = place.serve();
    let address = service.client().address().to_string();
    let check = || place.run(&["healthcheck"], &[("AUTH_LISTEN", &address)]).code;
    assert_eq!(check(), Some(0));
    service.signal("KILL");
    service.ended();
    assert_eq!(check(), Some(1));
}
