//! The table of vital signs as callers see it: `GET /vitals`, and the schemas of the OpenAPI document.

use serde_json::{Map, Value, json};

use crate::vitals::{Accepts, Shortest, VITALS, Vital};

/// Returns the body of `GET /vitals`.
pub fn table() -> Value {
    VITALS.iter().map(|vital| row(vital)).collect()
}

fn row(vital: &Vital) -> Value {
    let mut row = json!({"field": vital.field, "unit": vital.unit, "loinc": vital.loinc});
    match &vital.accepts {
        Accepts::Number { minimum, maximum, whole, .. } => {
            row["minimum"] = json!(Shortest(*minimum));
            row["maximum"] = json!(Shortest(*maximum));
            row["whole"] = json!(whole);
        }
        Accepts::Components(components) => {
            row["components"] = components.iter().map(|component| self::row(component)).collect();
        }
    }
    row
}

/// Adds the schemas of a record and of a patch to an OpenAPI document.
pub fn add_schemas(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    schemas["Record"] = object(VITALS, false);
    schemas["Record"]["minProperties"] = json!(1);
    // The page at `/docs` draws a record against this table.
    schemas["Record"]["x-ranges"] = json!("/vitals");
    schemas["RecordPatch"] = object(VITALS, true);
}

/// Returns the schema of an object. In a patch each member may be null: that removes it (RFC 7396).
fn object(vitals: &[&Vital], patch: bool) -> Value {
    let properties: Map<_, _> =
        vitals.iter().map(|vital| (vital.field.to_owned(), schema(vital, patch))).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn schema(vital: &Vital, patch: bool) -> Value {
    let kind = |name: &str| if patch { json!([name, "null"]) } else { json!(name) };
    match &vital.accepts {
        Accepts::Number { minimum, maximum, whole, .. } => json!({
            "type": kind(if *whole { "integer" } else { "number" }),
            "minimum": Shortest(*minimum),
            "maximum": Shortest(*maximum),
            "description": format!("in {}", vital.unit),
        }),
        Accepts::Components(components) => {
            let names: Vec<_> = components.iter().map(|component| component.field).collect();
            let mut schema = object(components, patch);
            schema["type"] = kind("object");
            schema["description"] = json!(format!("each above the next: {}", names.join(", ")));
            if !patch {
                schema["required"] = json!(names);
            }
            schema
        }
    }
}
