//! How the lab stops.

use std::net::TcpStream;

use serde_json::json;
use testkit::{Client, Wire, eventually};

use crate::lab_process::{Place, Serving};
use crate::users::User;

/// A request whose body is still to come: the service has said that it waits for it.
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

fn wait_until_told(lab: &Serving) {
    eventually("the signal has come", || {
        (!lab.log_lines(|line| line["message"] == "stopping").is_empty()).then_some(())
    });
}

#[test]
fn either_signal_stops_all_three_with_exit_0_and_closes_their_stores() {
    for signal in ["TERM", "INT"] {
        let place = Place::new();
        let mut lab = place.serve();
        lab.services.sign_up("ada").create_measured_person("Ada", &json!({"weight": 70}));
        lab.binary.signal(signal);
        assert_eq!(lab.binary.ended().code(), Some(0), "{signal}: {}", lab.binary.logs());
        // SQLite takes its WAL away when it is closed.
        assert!(
            !place.path("data/person/person.db-wal").exists()
                && !place.path("data/auth/auth.db-wal").exists()
        );
    }
}

#[test]
fn requests_in_flight_are_finished_after_the_signal_and_health_still_finds_person() {
    let place = Place::new();
    let mut lab = place.serve();
    let ada = lab.services.sign_up("ada");
    let id = ada.create_person("Ada");
    let (name, record) = ("{\"name\":\"Bob\"}", "{\"weight\":70}");
    let mut to_person = half_a_request(&ada.person, &ada, "/persons", name);
    let mut to_health = half_a_request(&ada.health, &ada, &format!("/health/{id}"), record);
    lab.binary.signal("TERM");
    wait_until_told(&lab);
    eventually("the listener closes", || TcpStream::connect(lab.services.health).err().map(drop));
    to_health.send(record);
    let _ = to_health.answer().expect(201);
    to_person.send(name);
    let _ = to_person.answer().expect(201);
    assert_eq!(lab.binary.ended().code(), Some(0), "{}", lab.binary.logs());
    let lab = place.serve();
    let ada = lab.services.log_in("ada");
    assert_eq!((ada.names(), ada.record(id).status), (vec!["Ada".to_owned(), "Bob".to_owned()], 200));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let mut lab = place.serve();
    let ada = lab.services.sign_up("ada");
    // Held up by this request, it would stop with 0 in the end.
    let mut wire = half_a_request(&ada.person, &ada, "/persons", "{\"name\":\"Ada\"}");
    lab.binary.signal("INT");
    wait_until_told(&lab);
    lab.binary.signal("INT");
    assert_eq!(lab.binary.ended().code(), Some(130));
    let last = lab.binary.logs().lines().last().map(str::to_owned);
    assert_eq!(last.as_deref(), Some("lab: told twice to stop: ended at once"));
    assert!(wire.rest().is_empty());
    place.serve().stop();
}
