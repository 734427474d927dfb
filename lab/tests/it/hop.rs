//! The call from health to person: what is seen of it, and what happens where person or another is away.

use std::net::TcpListener;

use serde_json::json;
use testkit::{Answer, eventually};

use crate::lab::Lab;
use crate::lab_process::Place;

#[test]
fn server_timing_of_health_shows_the_hop() {
    let lab = Lab::new();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let timing = |answer: Answer| answer.header("server-timing").expect("Server-Timing").to_owned();
    let read = timing(ada.record(id).expect(200));
    assert!(read.contains(&format!("desc=\"GET /persons/{id} 200\"")), "{read}");
    for part in ["total;dur=", "person;dur=", "store;dur="] {
        assert!(read.contains(part), "{part} in {read}");
    }
    let missing = timing(ada.record(id + 1).expect(404));
    assert!(missing.contains(&format!("desc=\"GET /persons/{} 404\"", id + 1)), "{missing}");
    assert!(!missing.contains("store;"), "the store was asked although nobody is there: {missing}");
}

#[test]
fn one_trace_id_is_in_the_logs_of_both_services() {
    let place = Place::new();
    let lab = place.serve();
    let ada = lab.services.sign_up("ada");
    let id = ada.create_person("Ada");
    let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("00-{trace_id}-00f067aa0ba902b7-01");
    let answer = ada.health.call("GET", &format!("/health/{id}")).header("traceparent", &traceparent).send();
    let problem = answer.expect_problem(404, "no-health-record");
    assert_eq!(problem.json()["trace_id"], trace_id);
    assert!(problem.header("traceparent").expect("a traceparent").contains(trace_id));
    let lines = eventually("both services have logged", || {
        let lines = lab.log_lines(|line| line["trace_id"] == trace_id);
        (lines.len() >= 2).then_some(lines)
    });
    let said: Vec<_> = lines.iter().map(|line| (line["service"].as_str(), line["status"].as_u64())).collect();
    assert_eq!(said, [(Some("person"), Some(200)), (Some("health"), Some(404))]);
}

#[test]
fn where_person_is_away_health_says_so_and_goes_on_by_itself_when_it_is_back() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    for _ in 0..2 {
        lab.stop_person();
        for answer in ada.try_everything_on_record(id) {
            let answer = answer.expect_problem(503, "person-unreachable");
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        // Not for want of person: an orchestrator must not take health down too.
        let _ = ada.health.get("/readyz").expect(200);
        lab.start_person();
        assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
    }
}

#[test]
fn who_may_not_is_told_so_even_while_person_is_away() {
    let mut lab = Lab::new();
    let [_, _, health] = lab.strangers();
    lab.stop_person();
    health.get("/health/1").expect_problem(401, "missing-token");
    // And what names nobody is said without asking anyone.
    lab.sign_up("ada").health.get("/health/0").expect_problem(404, "no-such-person");
}

#[test]
fn another_program_in_the_place_of_person_is_not_believed() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let address = ada.person.address();
    lab.stop_person();
    let stranger = TcpListener::bind(address).expect("the port is free");
    let answering = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        // Health also asks for deletions: answer whatever comes until a lookup was answered.
        for stream in stranger.incoming() {
            let (mut stream, mut asked) = (stream.expect("a connection"), [0; 4096]);
            let Ok(read) = stream.read(&mut asked) else { continue };
            let body = "{\"welcome\":\"to the router\"}";
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let answered = stream.write_all(format!("{head}{body}").as_bytes()).is_ok();
            if answered && asked[..read].starts_with(format!("GET /persons/{id} ").as_bytes()) {
                return;
            }
        }
    });
    ada.record(id).expect_problem(502, "person-broken");
    answering.join().expect("it answered");
    lab.start_person();
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
}

#[test]
fn where_auth_is_away_tokens_in_hand_go_on_working() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    lab.stop_auth();
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let _ = ada.record(id).expect(200);
    lab.start_auth();
    assert_eq!(lab.log_in("ada").names(), ["Ada"]);
}

#[test]
fn where_health_is_away_person_does_not_notice() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    lab.stop_health();
    let id = ada.create_person("Ada");
    let _ = ada.person.put(&format!("/persons/{id}"), &json!({"name": "Ada Lovelace"})).expect(200);
    ada.delete_person(id);
    let [_, person, _] = lab.strangers();
    let _ = person.get("/readyz").expect(200);
}
