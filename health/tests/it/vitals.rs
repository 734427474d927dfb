//! The table of vital signs: `GET /vitals`, and its limits in practice.

use serde_json::{Value, json};

use crate::harness::HealthService;

/// Returns the rows of `GET /vitals`.
fn rows(health: &HealthService) -> Vec<Value> {
    health.anybody().get("/vitals").expect(200).json().as_array().expect("an array").clone()
}

/// Returns the text of a row's field.
fn field(row: &Value) -> &str {
    row["field"].as_str().expect("text")
}

/// Returns the names of all vital signs, each in these quotes.
fn names(health: &HealthService, quote: &str) -> String {
    let names: Vec<_> = rows(health).iter().map(|row| format!("{quote}{}{quote}", field(row))).collect();
    names.join(", ")
}

#[test]
fn table_is_public_and_takes_no_lookup() {
    let health = HealthService::new();
    let table = rows(&health);
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
    assert_eq!(Value::Array(table), expected);
    assert_eq!(health.person.lookups().len(), 0);
}

/// Returns the rows of the numbers of a vital sign, each with its pointer in a record.
fn numbers(row: &Value) -> Vec<(String, Value)> {
    let pointer = format!("/{}", field(row));
    match row["components"].as_array() {
        None => vec![(pointer, row.clone())],
        Some(parts) => {
            parts.iter().map(|part| (format!("{pointer}/{}", field(part)), part.clone())).collect()
        }
    }
}

#[test]
fn limits_are_accepted_and_values_beyond_are_422() {
    let health = HealthService::with_record();
    for (pointer, row) in rows(&health).iter().flat_map(numbers) {
        let [low, high] = ["minimum", "maximum"].map(|limit| row[limit].as_f64().expect("a number"));
        let fraction_is_valid = row["whole"] == false;
        let step = if fraction_is_valid { 0.01 } else { 1.0 };
        for (value, is_valid) in [
            (low, true),
            (high, true),
            (low - step, false),
            (high + step, false),
            (low + 0.5, fraction_is_valid),
        ] {
            let body = match &pointer[..] {
                "/blood_pressure/systolic" => json!({"blood_pressure": {"systolic": value, "diastolic": 10}}),
                "/blood_pressure/diastolic" => {
                    json!({"blood_pressure": {"systolic": 350, "diastolic": value}})
                }
                field => json!({(&field[1..]): value}),
            };
            let answer = health.ada().put("/health/7", &body);
            assert_eq!(answer.status, if is_valid { 200 } else { 422 }, "{body}");
            assert_eq!(answer.pointers().contains(&pointer), !is_valid, "{body}");
        }
    }
}

#[test]
fn all_errors_are_reported_at_once() {
    let health = HealthService::new();
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
            "detail": format!("is unknown; a record holds {}", names(&health, "`")),
        },
    ]);
    for method in ["POST", "PUT"] {
        let answer = health.changing_nothing(|ada| ada.call(method, "/health/7").json(&body).send());
        assert_eq!(answer.expect_problem(422, "invalid-fields").json()["errors"], expected);
    }
    assert_eq!(health.person.lookups().len(), 0);
}

#[test]
fn error_messages_say_what_to_send() {
    let health = HealthService::new();
    let at_least_one = format!("a record holds at least one of {}", names(&health, ""));
    for (body, detail) in [
        (json!({"weight": 70500}), "must be 0.2 to 700 kg, not 70500; were grams meant? Then send 70.5"),
        (json!({"weight": null}), "must be a number, not null; leave it out"),
        (json!({"weight": [70]}), "must be a number, not an array"),
        (json!({}), &at_least_one[..]),
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
        let problem = health.ada().post("/health/7", &body).expect_problem(422, "invalid-fields").json();
        assert_eq!(problem["errors"][0]["detail"], detail, "{body}");
    }
}
