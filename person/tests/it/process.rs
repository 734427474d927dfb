//! The process beside others: its probe, its port, its database.

use std::fs;
use std::net::TcpListener;

use crate::lab::{create, place};
use testkit::tokens;

#[test]
fn healthcheck_says_whether_the_service_is_ready() {
    let place = place();
    let mut service = place.serve();
    let address = service.client().address().to_string();
    let check =
        |address: &str| place.run(&["healthcheck"], &[("PERSON_LISTEN", address), ("JWT_KEYS_FILE", "")]);
    assert_eq!(check(&address).code, Some(0));
    // An image listens everywhere, and asks itself.
    assert_eq!(check(&address.replace("127.0.0.1", "0.0.0.0")).code, Some(0));
    service.signal("TERM");
    assert!(service.ended().success());
    let ended = check(&address);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains(&address) && ended.err.contains("does not answer"), "{}", ended.err);
    assert_eq!(check("nonsense").code, Some(78));
}

#[test]
fn healthcheck_is_not_fooled_by_another_program() {
    let place = place();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let stranger = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().expect("a connection");
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    });
    let ended = place.run(&["healthcheck"], &[("PERSON_LISTEN", &address)]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    stranger.join().expect("it was asked");
}

#[test]
fn a_taken_port_is_named_and_how_to_choose_another() {
    let place = place();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let ended = place.run(&["serve"], &[("PERSON_LISTEN", &address)]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains(&format!("{address} is taken")) && ended.err.contains("PERSON_LISTEN"),
        "{}",
        ended.err
    );
}

#[test]
fn a_second_service_on_the_same_database_is_refused_and_the_first_serves_on() {
    let place = place();
    let mut first = place.serve();
    let ada = first.client().with_token(&tokens::user("ada"));
    create(&ada, "Ada");
    let second = place.run(&["serve"], &[]);
    assert_eq!(second.code, Some(1));
    let db = place.path("store");
    let sentence = format!("{} is in use by another process", db.display());
    assert!(second.err.contains(&sentence), "{}", second.err);
    create(&ada, "Bob");
    // The lock goes with its holder, however that ends.
    first.signal("KILL");
    assert!(!first.ended().success());
    let mut third = place.serve();
    assert_eq!(
        third.client().with_token(&tokens::user("ada")).get("/persons").json().as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn of_many_started_at_once_on_one_database_one_serves() {
    let place = place();
    let mut services: Vec<_> = (0..4).map(|_| place.serve()).collect();
    let serves = |service: &mut testkit::Binary| {
        testkit::eventually("it serves or ends", || {
            let logs = service.logs();
            if logs.contains("\"ready\"") { Some(true) } else { logs.contains("in use").then_some(false) }
        })
    };
    let serving = services.iter_mut().map(serves).filter(|serves| *serves).count();
    assert_eq!(serving, 1);
}

#[test]
fn the_folder_of_the_database_is_made() {
    let place = place();
    let db = place.path("some/where/person.db");
    let mut service = place.serve_with(&[("PERSON_DB", db.to_str().expect("text"))]);
    create(&service.client().with_token(&tokens::user("ada")), "Ada");
    assert!(db.exists());
}

#[test]
fn a_database_that_cannot_be_used_is_refused_by_name_and_left_alone() {
    let place = place();
    let text = place.path("notes.txt");
    let notes = "These are my notes.\n".repeat(100);
    place.write("notes.txt", &notes);
    let folder = place.path("folder");
    fs::create_dir(&folder).expect("the folder is ours");
    let below_a_file = text.join("person.db");
    for (db, word) in [
        (text.as_path(), "not a database"),
        (folder.as_path(), "unable to open"),
        (below_a_file.as_path(), "cannot make the folder"),
        (std::path::Path::new("/proc/person.db"), "cannot write"),
    ] {
        let name = db.to_str().expect("text");
        let ended = place.run(&["serve"], &[("PERSON_DB", name)]);
        assert_eq!(ended.code, Some(1), "{name}: {}", ended.err);
        assert!(
            ended.err.contains(word) && ended.err.contains(name.trim_end_matches("/person.db")),
            "{name}: {}",
            ended.err
        );
    }
    assert_eq!(fs::read_to_string(&text).expect("it is there"), notes);
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let place = place();
    let mut service = place.serve();
    create(&service.client().with_token(&tokens::user("ada")), "Ada");
    service.signal("TERM");
    assert!(service.ended().success());
    // `user_version` is the big-endian number at offset 60 of the file (https://sqlite.org/fileformat2.html).
    let db = place.path("store");
    let mut bytes = fs::read(&db).expect("a database");
    assert_eq!(bytes[60..64], [0, 0, 0, 1]);
    bytes[63] = 99;
    place.write("store", &bytes);
    let ended = place.run(&["serve"], &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("schema version 99") && ended.err.contains("1 at most"), "{}", ended.err);
    assert_eq!(fs::read(&db).expect("a database"), bytes);
}
