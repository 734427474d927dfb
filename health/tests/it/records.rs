//! The life of a record.

use serde_json::{Value, json};

use crate::lab::{Lab, OPERATIONS, at_once, etag, operate, path, record, text as body};

#[test]
fn a_record_is_added_read_replaced_changed_and_deleted() {
    let lab = Lab::new();
    let ada = lab.ada();
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
}

#[test]
fn there_is_one_record_a_person_and_posting_never_overwrites_it() {
    let lab = Lab::new();
    let first = lab.ada().post("/health/7", &record()).expect(201);
    let answer = lab.changing_nothing(|ada| ada.post("/health/7", &json!({"weight": 1})));
    answer.expect_problem(409, "health-record-exists");
    assert_eq!(lab.ada().get("/health/7").text(), first.text());
    // What is there is another person's.
    let _ = lab.ada().post("/health/8", &json!({"weight": 80})).expect(201);
    assert_eq!(lab.ada().get("/health/7").text(), first.text());
}

#[test]
fn without_a_record_only_posting_does_anything() {
    let lab = Lab::new();
    for method in OPERATIONS.iter().filter(|method| **method != "POST") {
        let answer = lab.changing_nothing(|ada| operate(ada, method, 7));
        assert_eq!(answer.status, 404, "{method}");
        if *method != "HEAD" {
            answer.expect_problem(404, "no-health-record");
        }
    }
    let _ = lab.ada().post("/health/7", &record()).expect(201);
}

#[test]
fn a_deleted_record_can_be_added_anew() {
    let lab = Lab::new();
    let first = etag(&lab.ada().post("/health/7", &record()).expect(201));
    let _ = lab.ada().delete("/health/7").expect(204);
    let second = etag(&lab.ada().post("/health/7", &record()).expect(201));
    assert_ne!(first, second, "whoever knew the first must not take the second for it");
}

#[test]
fn head_answers_as_get_without_the_body() {
    let lab = Lab::new();
    let _ = lab.ada().post("/health/7", &record()).expect(201);
    let get = lab.ada().get("/health/7").expect(200);
    let head = lab.ada().call("HEAD", "/health/7").send().expect(200);
    assert_eq!(head.text(), "");
    for name in ["etag", "content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

#[test]
fn a_record_is_given_as_the_contract_shows_it() {
    let lab = Lab::new();
    let text =
        r#"{"weight":70.5,"height":175,"heart_rate":62,"blood_pressure":{"systolic":120,"diastolic":80}}"#;
    let sent: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(body(&lab.ada().post("/health/7", &sent).expect(201)), text);
    let read = lab.ada().get("/health/7").expect(200);
    assert_eq!(body(&read), text);
    assert_eq!(read.header("content-type"), Some("application/json"));
}

#[test]
fn what_is_read_can_be_sent_back() {
    let lab = Lab::new();
    for body in [
        record(),
        json!({"weight": 0.2}),
        json!({"weight": 70.123456789}),
        json!({"height": 175.0, "heart_rate": 72.0}),
        json!({"blood_pressure": {"systolic": 120.0, "diastolic": 80}}),
    ] {
        let _ = lab.ada().post("/health/7", &body).expect(201);
        let read = lab.ada().get("/health/7").expect(200).text();
        for (method, status) in [("PUT", 200), ("PATCH", 200), ("DELETE", 204), ("POST", 201)] {
            let call = lab.ada().call(method, "/health/7").header("Content-Type", "application/json");
            let _ = call.body(read.clone()).send().expect(status);
        }
        assert_eq!(lab.ada().get("/health/7").text(), read);
        let _ = lab.ada().delete("/health/7").expect(204);
    }
}

#[test]
fn of_many_who_post_at_once_one_makes_the_record() {
    let lab = Lab::new();
    let answers = at_once(16, |number| lab.ada().post("/health/7", &json!({"weight": 50 + number})));
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 15);
    assert_eq!(lab.ada().get("/health/7").text(), made[0].text());
}

#[test]
fn the_largest_id_is_a_person_like_any_other() {
    let lab = Lab::new();
    let path = path(i64::MAX);
    assert_eq!(lab.ada().post(&path, &record()).expect(201).header("location"), Some(&path[..]));
    assert_eq!(lab.ada().get(&path).expect(200).json(), record());
}
