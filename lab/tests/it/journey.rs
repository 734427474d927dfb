//! What one user does, from the registration on.

use serde_json::json;
use testkit::Client;

use crate::lab::Lab;
use crate::users::PASSWORD;

#[test]
fn a_user_registers_logs_in_and_keeps_the_vital_signs_of_a_person() {
    let lab = Lab::new();
    let [auth, _, _] = lab.strangers();
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
fn nobody_has_vital_signs_before_person_knows_them() {
    let lab = Lab::new();
    let ada = lab.sign_up("ada");
    for answer in ada.try_everything_on_record(1) {
        answer.expect_problem(404, "no-such-person");
    }
    ada.create_measured_person("Ada", &json!({"weight": 70}));
    assert_eq!(ada.record(1).expect(200).json(), json!({"weight": 70}));
}

#[test]
fn a_record_changed_meanwhile_is_not_overwritten_by_who_says_if_match() {
    let lab = Lab::new();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let path = format!("/health/{id}");
    let seen = ada.record(id).expect(200).header("etag").expect("an ETag").to_owned();
    let _ = ada.health.put(&path, &json!({"weight": 71})).expect(200);
    let stale = ada.health.call("PUT", &path).header("If-Match", &seen).json(&json!({"weight": 72})).send();
    stale.expect_problem(412, "precondition-failed");
    let read = ada.record(id).expect(200);
    assert_eq!(read.json(), json!({"weight": 71}));
    let again =
        ada.health.call("GET", &path).header("If-None-Match", read.header("etag").expect("an ETag")).send();
    assert_eq!((again.expect(304).body, read.status), (Vec::new(), 200));
}

#[test]
fn everything_is_there_after_a_restart_of_all_three() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    lab.restart();
    // A token lives on: it is the key that counts, and no session.
    assert_eq!(ada.auth.get("/me").expect(200).json()["username"], "ada");
    assert_eq!(ada.names(), ["Ada"]);
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
    assert_eq!(lab.log_in("ada").names(), ["Ada"]);
}

#[test]
fn many_users_at_once_each_see_what_is_theirs() {
    let lab = Lab::new();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let lab = &lab;
            scope.spawn(move || {
                let user = lab.sign_up(&format!("user{number}"));
                let record = json!({"weight": 50 + number});
                for turn in 0..3 {
                    let id = user.create_measured_person(&format!("{number}/{turn}"), &record);
                    assert_eq!(user.record(id).expect(200).json(), record);
                }
                assert_eq!(user.names(), [0, 1, 2].map(|turn| format!("{number}/{turn}")));
            });
        }
    });
}

#[test]
fn each_service_documents_itself_and_says_what_it_is_without_a_token() {
    let lab = Lab::new();
    let names = lab.strangers().map(|service: Client| {
        for path in ["/livez", "/readyz", "/metrics", "/problems", "/openapi.json", "/docs"] {
            let _ = service.get(path).expect(200);
        }
        service.get("/").expect(200).json()["name"].as_str().expect("a name").to_owned()
    });
    assert_eq!(names, ["auth", "person", "health"]);
}
