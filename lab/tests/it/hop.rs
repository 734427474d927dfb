//! The call from health to person: how it is traced, and what happens while a service is stopped.

use serde_json::json;
use testkit::{Answer, eventually};

use crate::lab_process::LabDir;
use crate::running_lab::RunningLab;

#[test]
fn server_timing_of_health_shows_the_hop() {
    let lab = RunningLab::start();
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
    assert!(!missing.contains("store;"), "the store was used for an unknown person: {missing}");
}

#[test]
fn both_services_log_the_same_trace_id() {
    let dir = LabDir::new();
    let lab = dir.serve();
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
    let logged: Vec<_> =
        lines.iter().map(|line| (line["service"].as_str(), line["status"].as_u64())).collect();
    assert_eq!(logged, [(Some("person"), Some(200)), (Some("health"), Some(404))]);
}

#[test]
fn health_answers_503_without_person_and_recovers() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    for _ in 0..2 {
        lab.stop_person();
        for answer in ada.try_everything_on_record(id) {
            let answer = answer.expect_problem(503, "person-unreachable");
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        // Health stays ready: otherwise an orchestrator would stop it too.
        let _ = ada.health.get("/readyz").expect(200);
        lab.start_person();
        assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
    }
}

#[test]
fn tokens_stay_valid_without_auth() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    lab.stop_auth();
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let _ = ada.record(id).expect(200);
    lab.start_auth();
    assert_eq!(lab.log_in("ada").names(), ["Ada"]);
}

#[test]
fn person_works_without_health() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    lab.stop_health();
    let id = ada.create_person("Ada");
    let _ = ada.person.put(&format!("/persons/{id}"), &json!({"name": "Ada Lovelace"})).expect(200);
    ada.delete_person(id);
    let _ = ada.person.get("/readyz").expect(200);
}
