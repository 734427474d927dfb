//! The process and its surroundings: the health check, the port, the database file.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use testkit::eventually;

use crate::service::{ada, create, test_dir};

#[test]
fn healthcheck_exits_0_if_the_service_is_ready() {
    let dir = test_dir();
    let mut process = dir.serve();
    let address = process.client().address().to_string();
    let check =
        |address: &str| dir.run(&["healthcheck"], &[("PERSON_LISTEN", address), ("JWT_KEYS_FILE", "")]);
    assert_eq!(check(&address).code, Some(0));
    // A container listens on every address and probes itself.
    assert_eq!(check(&address.replace("127.0.0.1", "0.0.0.0")).code, Some(0));
    process.signal("TERM");
    assert!(process.ended().success());
    let ended = check(&address);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains(&address) && ended.err.contains("does not answer"), "{}", ended.err);
    assert_eq!(check("nonsense").code, Some(78));
}

#[test]
fn live_service_that_is_not_ready_passes_only_the_live_check() {
    let dir = test_dir().with("DRAIN_SECONDS", "60");
    let mut process = dir.serve();
    let client = process.client();
    process.signal("TERM");
    eventually("it drains", || (client.get("/readyz").status == 503).then_some(()));
    let address = client.address().to_string();
    let check = |arguments| dir.run(arguments, &[("PERSON_LISTEN", &address)]);
    let ready = check(&["healthcheck"]);
    assert_eq!(ready.code, Some(1));
    assert!(ready.err.contains("is not ready"), "{}", ready.err);
    let live = check(&["healthcheck", "--live"]);
    assert_eq!(live.code, Some(0), "{}", live.err);
    // The second signal does not wait for the drain.
    process.signal("TERM");
    process.ended();
    assert_eq!(check(&["healthcheck", "--live"]).code, Some(1));
}

#[test]
fn healthcheck_exits_1_if_the_answer_is_not_200() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let other_program = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    });
    let ended = test_dir().run(&["healthcheck"], &[("PERSON_LISTEN", &address)]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    eventually("a request came", || other_program.is_finished().then_some(()));
    other_program.join().expect("it was answered");
}

#[test]
fn port_in_use_is_refused_with_the_variable() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let ended = test_dir().run(&["serve"], &[("PERSON_LISTEN", &address)]);
    assert_eq!(ended.code, Some(1));
    for words in [&format!("{address} is taken")[..], "PERSON_LISTEN"] {
        assert!(ended.err.contains(words), "{words} in {}", ended.err);
    }
}

#[test]
fn second_service_on_the_same_database_is_refused() {
    let dir = test_dir();
    let mut first = dir.serve();
    let client = ada(&mut first);
    create(&client, "Ada");
    let second = dir.run(&["serve"], &[]);
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains(&format!("{} is in use by another process", dir.text("store"))));
    create(&client, "Bob");
    // The lock ends with its holder, even after `kill -9`.
    first.signal("KILL");
    assert!(!first.ended().success());
    let persons = ada(&mut dir.serve()).get("/persons").json();
    assert_eq!(persons.as_array().map(Vec::len), Some(2));
}

#[test]
fn one_of_many_started_on_one_database_serves() {
    let dir = test_dir();
    let processes: Vec<_> = (0..4).map(|_| dir.serve()).collect();
    let serves = |process: &&testkit::Binary| {
        eventually("the process serves or refuses", || {
            let logs = process.logs();
            if logs.contains("\"ready\"") { Some(true) } else { logs.contains("in use").then_some(false) }
        })
    };
    assert_eq!(processes.iter().filter(serves).count(), 1);
}

#[test]
fn folder_of_the_database_is_created() {
    let dir = test_dir();
    let db = dir.text("some/where/person.db");
    create(&ada(&mut dir.serve_with(&[("PERSON_DB", &db)])), "Ada");
    assert!(dir.path("some/where/person.db").exists());
}

#[test]
fn unusable_database_is_refused_and_left_as_it_is() {
    let dir = test_dir();
    let notes = "These are my notes.\n".repeat(100);
    dir.write("notes.txt", &notes);
    fs::create_dir(dir.path("folder")).expect("a new folder");
    for (db, words) in [
        (&dir.text("notes.txt")[..], "not a database"),
        (&dir.text("folder"), "Is a directory"),
        (&dir.text("notes.txt/person.db"), "cannot create the folder"),
        #[cfg(target_os = "linux")]
        ("/proc/person.db", "cannot write"),
    ] {
        let ended = dir.run(&["serve"], &[("PERSON_DB", db)]);
        assert_eq!(ended.code, Some(1), "{db}: {}", ended.err);
        let path = db.trim_end_matches("/person.db");
        assert!(ended.err.contains(words) && ended.err.contains(path), "{db}: {}", ended.err);
    }
    assert_eq!(dir.files()["notes.txt"], notes.as_bytes());
}
