//! The life of a record.

use serde_json::json;

use crate::harness::{HealthService, OPERATIONS, at_once, etag, operate, record, text};

#[test]
fn record_lives_from_post_to_delete() {
    let health = HealthService::new();
    let ada = health.ada();
    let added = ada.post("/health/7", &record()).expect(201);
    assert_eq!(added.header("location"), Some("/health/7"));
    assert_eq!(added.json(), record());
    assert_eq!(ada.get("/health/7").expect(200).json(), record());

    let light = json!({"weight": 65});
    assert_eq!(ada.put("/health/7", &light).expect(200).json(), light);
    assert_eq!(ada.get("/health/7").expect(200).json(), light);

    let changed = json!({"weight": 65, "heart_rate": 60});
    assert_eq!(ada.patch("/health/7", &json!({"heart_rate": 60})).expect(200).json(), changed);
    assert_eq!(ada.get("/health/7").expect(200).json(), changed);

    let deleted = ada.delete("/health/7").expect(204);
    assert_eq!((deleted.text(), deleted.header("content-type")), (String::new(), None));
    ada.get("/health/7").expect_problem(404, "no-health-record");
    assert_ne!(etag(&ada.post("/health/7", &record()).expect(201)), etag(&added));
}

#[test]
fn post_never_overwrites_a_record() {
    let health = HealthService::new();
    let first = health.ada().post("/health/7", &record()).expect(201);
    let answer = health.changing_nothing(|ada| ada.post("/health/7", &json!({"weight": 1})));
    answer.expect_problem(409, "health-record-exists");
    assert_eq!(health.ada().get("/health/7").text(), first.text());
    // Another person has another record.
    let _ = health.ada().post("/health/8", &json!({"weight": 80})).expect(201);
    assert_eq!(health.ada().get("/health/7").text(), first.text());
}

#[test]
fn missing_record_is_404_except_for_post() {
    let health = HealthService::new();
    for method in OPERATIONS.iter().filter(|method| **method != "POST") {
        let answer = health.changing_nothing(|ada| operate(ada, method, 7));
        assert_eq!(answer.status, 404, "{method}");
        if *method != "HEAD" {
            answer.expect_problem(404, "no-health-record");
        }
    }
    let _ = health.ada().post("/health/7", &record()).expect(201);
}

#[test]
fn head_answers_as_get_without_the_body() {
    let health = HealthService::with_record();
    let get = health.ada().get("/health/7").expect(200);
    let head = health.ada().call("HEAD", "/health/7").send().expect(200);
    assert_eq!(head.text(), "");
    for name in ["etag", "content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

#[test]
fn response_of_a_read_can_be_sent_back() {
    let health = HealthService::new();
    let whole =
        r#"{"weight":70.5,"height":175,"heart_rate":62,"blood_pressure":{"systolic":120,"diastolic":80}}"#;
    for (sent, read) in [
        (whole, whole),
        (r#"{"weight":0.2}"#, r#"{"weight":0.2}"#),
        (r#"{"height":110.82535215952987}"#, r#"{"height":110.82535215952987}"#),
        (r#"{"height":175.0,"heart_rate":72.0}"#, r#"{"height":175,"heart_rate":72}"#),
        (
            r#"{"blood_pressure":{"diastolic":80,"systolic":120.0}}"#,
            r#"{"blood_pressure":{"systolic":120,"diastolic":80}}"#,
        ),
    ] {
        let call = |method: &str, body: &str| {
            let call = health.ada().call(method, "/health/7").header("Content-Type", "application/json");
            call.body(body).send()
        };
        assert_eq!(text(&call("POST", sent).expect(201)), read);
        for (method, status) in [("PUT", 200), ("PATCH", 200), ("DELETE", 204), ("POST", 201)] {
            let _ = call(method, read).expect(status);
        }
        assert_eq!(text(&health.ada().get("/health/7").expect(200)), read);
        let _ = health.ada().delete("/health/7").expect(204);
    }
}

#[test]
fn one_of_many_concurrent_posts_creates_the_record() {
    let health = HealthService::new();
    let answers = at_once(16, |number| health.ada().post("/health/7", &json!({"weight": 50 + number})));
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 15);
    assert_eq!(health.ada().get("/health/7").text(), made[0].text());
}
