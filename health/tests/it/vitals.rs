//! The table of vital signs: `GET /vitals`, and that its limits are those that hold.

use serde_json::{Value, json};

use crate::lab::{Lab, record};

#[test]
fn the_table_is_given_to_anybody_and_person_is_not_asked() {
    let lab = Lab::new();
    let table = lab.anybody().get("/vitals").expect(200);
    let part = |field: &str, loinc: &str, low: u32, high: u32| json!({"field": field, "unit": "mm[Hg]", "loinc": loinc, "minimum": low, "maximum": high, "whole": true});
    let expected = json!([
        {"field": "weight", "unit": "kg", "loinc": "29463-7", "minimum": 0.2, "maximum": 700, "whole": false},
        {"field": "height", "unit": "cm", "loinc": "8302-2", "minimum": 20, "maximum": 280, "whole": false},
        {"field": "heart_rate", "unit": "/min", "loinc": "8867-4", "minimum": 10, "maximum": 350, "whole": true},
        {"field": "blood_pressure", "unit": "mm[Hg]", "loinc": "85354-9", "components": [
            part("systolic", "8480-6", 30, 350),
            part("diastolic", "8462-4", 10, 250),
        ]},
    ]);
    assert_eq!(table.json(), expected);
    assert_eq!(lab.person.lookups().len(), 0);
}

/// A record that holds nothing but this number, and the pointer to it; a pressure needs its other half.
fn with(field: &str, part: Option<&str>, value: f64) -> (Value, String) {
    match part {
        None => (json!({field: value}), format!("/{field}")),
        Some("systolic") => {
            (json!({field: {"systolic": value, "diastolic": 10}}), format!("/{field}/systolic"))
        }
        Some(part) => (json!({field: {"systolic": 350, part: value}}), format!("/{field}/{part}")),
    }
}

#[test]
fn every_limit_in_the_table_is_accepted_and_nothing_beyond_it() {
    let lab = Lab::new();
    let _ = lab.ada().post("/health/7", &record()).expect(201);
    let check = |field: &str, part: Option<&str>, row: &Value| {
        let (low, high) =
            (row["minimum"].as_f64().expect("a number"), row["maximum"].as_f64().expect("a number"));
        let step = if row["whole"] == true { 1.0 } else { 0.01 };
        for (value, good) in [(low, true), (high, true), (low - step, false), (high + step, false)] {
            let (body, pointer) = with(field, part, value);
            let answer = lab.ada().put("/health/7", &body);
            if good {
                let _ = answer.expect(200);
            } else {
                let problem = answer.expect_problem(422, "invalid-fields");
                assert!(problem.pointers().contains(&pointer), "{body}: {}", problem.text());
            }
        }
        let (body, pointer) = with(field, part, low + 0.5);
        let answer = lab.ada().put("/health/7", &body);
        assert_eq!(answer.status, if row["whole"] == true { 422 } else { 200 }, "{body}");
        assert_eq!(answer.status == 422, answer.pointers().contains(&pointer), "{body}");
    };
    let table = lab.anybody().get("/vitals").json();
    for row in table.as_array().expect("an array") {
        let field = row["field"].as_str().expect("text");
        match row["components"].as_array() {
            None => check(field, None, row),
            Some(parts) => parts.iter().for_each(|part| check(field, part["field"].as_str(), part)),
        }
    }
}

#[test]
fn all_errors_are_reported_at_once() {
    let lab = Lab::new();
    let body = json!({
        "weight": "70", "height": 1.75, "heart_rate": 72.5, "poids": 70, "x/y~z": 1,
        "blood_pressure": {"systolic": 500, "mean": 90},
    });
    let expected = json!([
        {"pointer": "/weight", "detail": "must be a number, not a string: send 70"},
        {"pointer": "/height", "detail": "must be 20 to 280 cm, not 1.75; were metres meant? Then send 175"},
        {"pointer": "/heart_rate", "detail": "must be a whole number, not 72.5"},
        {"pointer": "/blood_pressure/systolic", "detail": "must be 30 to 350 mm[Hg], not 500"},
        {"pointer": "/blood_pressure/diastolic", "detail": "is required"},
        {
            "pointer": "/blood_pressure/mean",
            "detail": "is unknown; `blood_pressure` holds `systolic` and `diastolic`",
        },
        {"pointer": "/poids", "detail": "is unknown; `weight` may be meant"},
        {
            "pointer": "/x~1y~0z",
            "detail": "is unknown; a record holds `weight`, `height`, `heart_rate`, `blood_pressure`",
        },
    ]);
    for method in ["POST", "PUT"] {
        let answer = lab.changing_nothing(|ada| ada.call(method, "/health/7").json(&body).send());
        assert_eq!(answer.expect_problem(422, "invalid-fields").json()["errors"], expected);
    }
    assert_eq!(lab.person.lookups().len(), 0);
}

#[test]
fn error_messages_say_what_to_send() {
    let lab = Lab::new();
    for (body, detail) in [
        (json!({"weight": 70500}), "must be 0.2 to 700 kg, not 70500; were grams meant? Then send 70.5"),
        (json!({"weight": null}), "must be a number, not null; leave it out"),
        (json!({"weight": [70]}), "must be a number, not an array"),
        (json!({}), "a record holds at least one of weight, height, heart_rate, blood_pressure"),
        (json!({"blood_pressure": {"systolic": 80, "diastolic": 80}}), "must be above `diastolic`"),
        (
            json!({"blood_pressure": "110/70"}),
            "must be an object, not a string: send {\"systolic\":110,\"diastolic\":70}",
        ),
        (
            json!({"blood_pressure": null}),
            "must be an object, not null: send {\"systolic\":120,\"diastolic\":80}",
        ),
        (json!({"Taille": 175}), "is unknown; `height` may be meant"),
        (json!({"systolic": 120}), "is unknown; `blood_pressure` may be meant"),
    ] {
        let problem = lab.ada().post("/health/7", &body).expect_problem(422, "invalid-fields").json();
        assert_eq!(problem["errors"][0]["detail"], detail, "{body}");
    }
}
