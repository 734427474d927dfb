//! JSON merge patch (RFC 7396), and the media types of bodies.

use serde_json::{Value, json};

use crate::harness::{HealthService, at_once, record};

const MERGE_PATCH: &str = "application/merge-patch+json";

#[test]
fn merge_patch_sets_and_removes_members() {
    let health = HealthService::new();
    let before = json!({"weight": 70, "blood_pressure": {"systolic": 120, "diastolic": 80}});
    let _ = health.ada().post("/health/7", &before).expect(201);
    for (patch, after) in [
        (json!({}), before.clone()),
        (
            json!({"weight": 71.5}),
            json!({"weight": 71.5, "blood_pressure": {"systolic": 120, "diastolic": 80}}),
        ),
        (
            json!({"height": 175}),
            json!({"weight": 70, "height": 175, "blood_pressure": {"systolic": 120, "diastolic": 80}}),
        ),
        (json!({"weight": null}), json!({"blood_pressure": {"systolic": 120, "diastolic": 80}})),
        (json!({"heart_rate": null}), before.clone()),
        (json!({"blood_pressure": null}), json!({"weight": 70})),
        (
            json!({"blood_pressure": {"systolic": 130}}),
            json!({"weight": 70, "blood_pressure": {"systolic": 130, "diastolic": 80}}),
        ),
        (json!({"blood_pressure": {}}), before.clone()),
    ] {
        let _ = health.ada().put("/health/7", &before).expect(200);
        assert_eq!(health.ada().patch("/health/7", &patch).expect(200).json(), after, "{patch}");
        assert_eq!(health.ada().get("/health/7").json(), after, "{patch}");
    }
}

#[test]
fn merge_patch_to_an_invalid_record_is_422() {
    let health = HealthService::new();
    let before = json!({"blood_pressure": {"systolic": 120, "diastolic": 80}});
    let _ = health.ada().post("/health/7", &before).expect(201);
    let _ = health.ada().post("/health/8", &json!({"weight": 70})).expect(201);
    for (path, patch, pointers) in [
        ("/health/7", json!({"blood_pressure": null}), vec![""]),
        ("/health/7", json!({"blood_pressure": {"systolic": null}}), vec!["/blood_pressure/systolic"]),
        ("/health/7", json!({"blood_pressure": {"systolic": 80}}), vec!["/blood_pressure/systolic"]),
        ("/health/7", json!({"blood_pressure": {"diastolic": 120}}), vec!["/blood_pressure/systolic"]),
        ("/health/8", json!({"blood_pressure": {"systolic": 120}}), vec!["/blood_pressure/diastolic"]),
        ("/health/8", json!({"weight": null}), vec![""]),
        ("/health/8", json!({"weight": "70", "poids": null}), vec!["/weight", "/poids"]),
    ] {
        let answer = health.changing_nothing(|ada| ada.patch(path, &patch));
        assert_eq!(answer.expect_problem(422, "invalid-fields").pointers(), pointers, "{patch}");
    }
}

#[test]
fn concurrent_patches_of_different_members_are_all_kept() {
    let health = HealthService::new();
    let _ = health.ada().post("/health/7", &json!({"weight": 1})).expect(201);
    let wanted = record();
    let members: Vec<(&String, &Value)> = wanted.as_object().expect("an object").iter().collect();
    at_once(members.len(), |number| {
        let (name, value) = members[number];
        let _ = health.ada().patch("/health/7", &json!({name: value})).expect(200);
    });
    assert_eq!(health.ada().get("/health/7").json(), wanted);
}

#[test]
fn body_of_another_media_type_is_415_without_a_lookup() {
    let health = HealthService::with_record();
    for (method, media_type, named) in [
        ("PUT", "application/json", None),
        ("PUT", "Application/JSON; charset=UTF-8", None),
        ("PUT", MERGE_PATCH, Some("application/json")),
        ("PUT", "text/plain", Some("application/json")),
        ("PATCH", "application/json", None),
        ("PATCH", "application/merge-patch+json; charset=utf-8", None),
        ("PATCH", "application/json; charset=latin1", Some(MERGE_PATCH)),
        ("PATCH", "application/json-patch+json", Some(MERGE_PATCH)),
    ] {
        let call = health.ada().call(method, "/health/7").header("Content-Type", media_type);
        let answer = call.body(record().to_string()).send();
        if let Some(named) = named {
            let problem = answer.expect_problem(415, "unsupported-media-type").json();
            let detail = problem["detail"].as_str().expect("text");
            assert!(detail.contains(&format!("`Content-Type: {named}`")), "{detail}");
        } else {
            let _ = answer.expect(200);
        }
        assert_eq!(health.person.lookups().len(), usize::from(named.is_none()), "{method} {media_type}");
    }
}
