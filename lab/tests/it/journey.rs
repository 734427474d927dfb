//! What users do with the lab, from the registration on.

use serde_json::json;

use crate::running_lab::RunningLab;
use crate::users::PASSWORD;

#[test]
fn user_registers_logs_in_and_keeps_vital_signs() {
    let lab = RunningLab::start();
    let [auth, _, _] = lab.anonymous();
    let account = json!({"username": "ada", "password": PASSWORD});
    let registered = auth.post("/register", &account).expect(201).json();
    assert_eq!(registered, json!({"username": "ada", "role": "user"}));
    let login = auth.post("/login", &account).expect(200).json();
    assert_eq!((&login["token_type"], &login["expires_in"]), (&json!("Bearer"), &json!(900)));
    let ada = lab.with_token(login["access_token"].as_str().expect("a token"));
    assert_eq!(ada.auth.get("/me").expect(200).json(), registered);

    let created = ada.person.post("/persons", &json!({"name": "Ada"})).expect(201);
    assert_eq!(created.header("location"), Some("/persons/1"));
    assert_eq!(created.json(), json!({"id": 1, "name": "Ada", "owner": "ada"}));
    ada.record(1).expect_problem(404, "no-health-record");

    let record = json!({
        "weight": 70.5, "height": 175, "heart_rate": 62, "blood_pressure": {"systolic": 120, "diastolic": 80},
    });
    let added = ada.measure(1, &record).expect(201);
    assert_eq!((added.header("location"), added.json()), (Some("/health/1"), record.clone()));
    assert_eq!(ada.record(1).expect(200).json(), record);
    ada.measure(1, &record).expect_problem(409, "health-record-exists");

    let path = "/health/1";
    let replaced = ada.health.put(path, &json!({"weight": 69, "height": 175})).expect(200).json();
    assert_eq!(replaced, json!({"weight": 69, "height": 175}));
    let patched = ada.health.patch(path, &json!({"weight": null, "heart_rate": 58})).expect(200).json();
    assert_eq!(patched, json!({"height": 175, "heart_rate": 58}));
    assert_eq!(ada.record(1).expect(200).json(), patched);

    let _ = ada.health.delete(path).expect(204);
    ada.record(1).expect_problem(404, "no-health-record");
    ada.delete_person(1);
    ada.record(1).expect_problem(404, "no-such-person");
}

#[test]
fn unknown_person_has_no_vital_signs() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    for answer in ada.try_everything_on_record(1) {
        answer.expect_problem(404, "no-such-person");
    }
    ada.create_measured_person("Ada", &json!({"weight": 70}));
    assert_eq!(ada.record(1).expect(200).json(), json!({"weight": 70}));
}

#[test]
fn concurrent_users_see_their_own_persons_only() {
    let lab = RunningLab::start();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let lab = &lab;
            scope.spawn(move || {
                let user = lab.sign_up(&format!("user{number}"));
                let record = json!({"weight": 50 + number});
                for round in 0..3 {
                    let id = user.create_measured_person(&format!("{number}/{round}"), &record);
                    assert_eq!(user.record(id).expect(200).json(), record);
                }
                assert_eq!(user.names(), [0, 1, 2].map(|round| format!("{number}/{round}")));
            });
        }
    });
}
