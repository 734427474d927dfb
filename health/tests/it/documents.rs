//! The OpenAPI document, compared with the routing table and the table of vital signs.

use health::routes::ROUTES;
use serde_json::{Value, json};
use testkit::openapi::{assert_answers, assert_documents};

use crate::harness::{HealthService, record};

#[test]
fn openapi_document_lists_exactly_the_served_routes() {
    let health = HealthService::new();
    let document = health.anybody().get("/openapi.json").expect(200).json();
    assert_documents(&document, ROUTES, &chassis::Settings::default());
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    assert_eq!(document["info"]["version"], health::VERSION);
}

#[test]
fn openapi_schemas_have_the_limits_of_the_table() {
    let health = HealthService::new();
    let document = health.anybody().get("/openapi.json").expect(200).json();
    let table = health.anybody().get("/vitals").expect(200).json();
    for schema in ["Record", "RecordPatch"] {
        assert_limits(&document["components"]["schemas"][schema], &table);
    }
}

#[test]
fn openapi_document_has_every_field_of_an_answer() {
    let health = HealthService::new();
    let document = health.anybody().get("/openapi.json").expect(200).json();
    let ada = health.ada();
    let answers = [
        ("listVitals", ada.get("/vitals").expect(200).json()),
        ("addRecord", ada.post("/health/7", &record()).expect(201).json()),
        ("readRecord", ada.get("/health/7").expect(200).json()),
        ("replaceRecord", ada.put("/health/7", &record()).expect(200).json()),
        ("patchRecord", ada.patch("/health/7", &json!({})).expect(200).json()),
    ];
    assert_answers(&document, &answers);
}

#[test]
fn openapi_examples_have_every_vital_sign() {
    let health = HealthService::new();
    let document = health.anybody().get("/openapi.json").expect(200).json();
    let table = health.anybody().get("/vitals").expect(200).json();
    let answer = &document["paths"]["/vitals"]["get"]["responses"]["200"]["content"]["application/json"];
    assert_eq!(answer["example"], table);
    let whole = &document["components"]["examples"]["Record"]["value"];
    let stored = health.ada().post("/health/7", whole).expect(201).json();
    for row in table.as_array().expect("an array") {
        assert!(stored[row["field"].as_str().expect("text")] != Value::Null, "{row} in {stored}");
    }
}

/// Checks that the schema of an object has the limits of these rows, and no other member.
fn assert_limits(schema: &Value, rows: &Value) {
    let rows = rows.as_array().expect("an array");
    assert_eq!(schema["properties"].as_object().map(serde_json::Map::len), Some(rows.len()));
    for row in rows {
        let property = &schema["properties"][row["field"].as_str().expect("text")];
        if row["components"].is_array() {
            assert_limits(property, &row["components"]);
            continue;
        }
        for limit in ["minimum", "maximum"] {
            assert_eq!(property[limit], row[limit], "{row}");
        }
        let expected = if row["whole"] == true { "\"integer\"" } else { "\"number\"" };
        assert!(property["type"].to_string().contains(expected), "{row}: {property}");
    }
}
