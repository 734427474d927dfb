//! The OpenAPI document, held against the routing table and the table of vital signs.

use health::routes::ROUTES;
use serde_json::Value;

use crate::lab::Lab;

#[test]
fn the_openapi_document_names_what_is_served_and_nothing_else() {
    let lab = Lab::new();
    let document = lab.anybody().get("/openapi.json").expect(200).json();
    testkit::openapi::assert_documents(&document, ROUTES);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    assert_eq!(document["info"]["version"], health::VERSION);
}

#[test]
fn the_schemas_of_the_openapi_document_are_those_of_the_table() {
    let lab = Lab::new();
    let document = lab.anybody().get("/openapi.json").expect(200).json();
    let schemas = &document["components"]["schemas"];
    let table = lab.anybody().get("/vitals").expect(200).json();
    let same = |schema: &Value, row: &Value| {
        assert_eq!((&schema["minimum"], &schema["maximum"]), (&row["minimum"], &row["maximum"]), "{row}");
        let expected = if row["whole"] == true { "integer" } else { "number" };
        let kind = &schema["type"];
        assert!(*kind == expected || *kind == serde_json::json!([expected, "null"]), "{row}: {kind}");
    };
    for schema in [&schemas["Record"], &schemas["RecordPatch"]] {
        let rows = table.as_array().expect("an array");
        assert_eq!(schema["properties"].as_object().map(serde_json::Map::len), Some(rows.len()));
        for row in rows {
            let property = &schema["properties"][row["field"].as_str().expect("text")];
            match row["components"].as_array() {
                None => same(property, row),
                Some(parts) => {
                    for part in parts {
                        same(&property["properties"][part["field"].as_str().expect("text")], part);
                    }
                }
            }
        }
    }
}
