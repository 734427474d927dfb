//! The table of vital signs as callers see it: `GET /vitals`, and the schemas of the OpenAPI document.

use serde_json::{Map, Value, json};

use crate::vitals::{Measure, Measures, VITALS, Vital};

/// What `GET /vitals` answers.
pub fn table() -> Value {
    let row = |vital: &Vital| {
        let mut row = json!({"field": vital.field, "unit": vital.unit, "loinc": vital.loinc});
        match &vital.measures {
            Measures::One(measure) => add_limits(&mut row, measure),
            Measures::Descending(parts) => {
                row["components"] = parts
                    .iter()
                    .map(|(name, loinc, measure)| {
                        let mut part = json!({"field": name, "unit": vital.unit, "loinc": loinc});
                        add_limits(&mut part, measure);
                        part
                    })
                    .collect();
            }
        }
        row
    };
    VITALS.iter().map(row).collect()
}

fn add_limits(row: &mut Value, measure: &Measure) {
    row["minimum"] = number(*measure.accepted.start());
    row["maximum"] = number(*measure.accepted.end());
    row["whole"] = measure.whole.into();
}

/// 700 and not 700.0.
fn number(value: f64) -> Value {
    serde_json::from_str(&value.to_string()).expect("a finite number")
}

/// Puts the schemas of a record and of a patch into an OpenAPI document.
pub fn add_schemas(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    schemas["Record"] = schema(false);
    schemas["Record"]["minProperties"] = 1.into();
    schemas["RecordPatch"] = schema(true);
}

/// In a patch everything may be null: it takes the member away (RFC 7396).
fn schema(patch: bool) -> Value {
    let kind = |name: &str| if patch { json!([name, "null"]) } else { json!(name) };
    let measure = |measure: &Measure, unit: &str| {
        json!({
            "type": kind(if measure.whole { "integer" } else { "number" }),
            "minimum": number(*measure.accepted.start()),
            "maximum": number(*measure.accepted.end()),
            "description": format!("in {unit}"),
        })
    };
    let mut properties = Map::new();
    for vital in VITALS {
        let schema = match &vital.measures {
            Measures::One(one) => measure(one, vital.unit),
            Measures::Descending(parts) => {
                let names: Vec<_> = parts.iter().map(|(name, _, _)| *name).collect();
                let members: Map<_, _> = parts
                    .iter()
                    .map(|(name, _, part)| ((*name).to_owned(), measure(part, vital.unit)))
                    .collect();
                let mut object = json!({
                    "type": kind("object"),
                    "properties": members,
                    "additionalProperties": false,
                    "description": format!("each above the next: {}", names.join(", ")),
                });
                if !patch {
                    object["required"] = names.into();
                }
                object
            }
        };
        properties.insert(vital.field.to_owned(), schema);
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}
