//! How the lab stops. The signals themselves are tested in `person`.

use std::net::TcpStream;

use serde_json::json;
use testkit::{Client, Wire, eventually};

use crate::lab_process::LabDir;
use crate::users::User;

/// Sends a request without its body, and waits until the service asks for the body.
fn half_a_request(client: &Client, user: &User, path: &str, body: &str) -> Wire {
    let mut wire = Wire::to(client.address());
    wire.send(format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nExpect: 100-continue\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        user.token,
        body.len()
    ));
    let _ = wire.answer_without_body().expect(100);
    wire
}

#[test]
fn either_signal_stops_all_three_and_closes_their_stores() {
    for signal in ["TERM", "INT"] {
        let dir = LabDir::new();
        let mut lab = dir.serve();
        lab.services.sign_up("ada").create_measured_person("Ada", &json!({"weight": 70}));
        lab.binary.signal(signal);
        assert_eq!(lab.binary.ended().code(), Some(0), "{signal}: {}", lab.binary.logs());
        // A database that was closed has no WAL.
        for wal in ["data/person/person.db-wal", "data/auth/auth.db-wal"] {
            assert!(!dir.path(wal).exists(), "{wal}");
        }
    }
}

#[test]
fn requests_in_flight_are_finished_with_person_last() {
    let dir = LabDir::new();
    let mut lab = dir.serve();
    let ada = lab.services.sign_up("ada");
    let id = ada.create_person("Ada");
    let (name, record) = ("{\"name\":\"Bob\"}", "{\"weight\":70}");
    let mut to_person = half_a_request(&ada.person, &ada, "/persons", name);
    let mut to_health = half_a_request(&ada.health, &ada, &format!("/health/{id}"), record);
    lab.binary.signal("TERM");
    eventually("the listener closes", || TcpStream::connect(lab.services.health).err().map(drop));
    to_health.send(record);
    let _ = to_health.answer().expect(201);
    to_person.send(name);
    let _ = to_person.answer().expect(201);
    assert_eq!(lab.binary.ended().code(), Some(0), "{}", lab.binary.logs());
    let lab = dir.serve();
    let ada = lab.services.log_in("ada");
    assert_eq!((ada.names(), ada.record(id).status), (vec!["Ada".to_owned(), "Bob".to_owned()], 200));
}
