//! Properties of every body and every patch. Patches are compared with RFC 7396 itself, written over plain JSON.

use proptest::collection::btree_map;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::vitals::Accepts;

/// Generates bodies: most members are known and valid, a few are unknown.
fn body() -> impl Strategy<Value = Value> {
    let number = |low: u32, high: u32| {
        prop_oneof![
            8 => (low..=high).prop_map(Value::from),
            2 => (f64::from(low)..=f64::from(high)).prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<f64>().prop_map(Value::from),
            1 => Just(Value::Null),
            1 => prop_oneof![Just(json!("70")), Just(json!([])), Just(json!({})), Just(json!(true))],
        ]
    };
    let member = |name: &'static str, value: BoxedStrategy<Value>| {
        proptest::option::of(value).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
    };
    let parts = (member("systolic", number(80, 350).boxed()), member("diastolic", number(10, 90).boxed()));
    let pressure = prop_oneof![
        8 => parts.prop_map(|(upper, lower)| [upper, lower].into_iter().flatten().collect::<Value>()),
        1 => number(0, 9),
        1 => Just(json!("120/80")),
    ];
    let known = VITALS.iter().map(|vital| match vital.accepts {
        Accepts::Number { minimum, maximum, .. } => {
            member(vital.field, number(minimum.ceil() as u32, maximum as u32).boxed())
        }
        Accepts::Components(_) => member(vital.field, pressure.clone().boxed()),
    });
    let known: Vec<_> = known.collect();
    let unknown = prop_oneof![9 => Just(vec![]), 1 => btree_map("[a-z~/]{1,6}", number(0, 9), 1..3).prop_map(|all| all.into_iter().collect())];
    (known, unknown).prop_map(|(known, unknown)| known.into_iter().flatten().chain(unknown).collect())
}

/// Generates valid records.
fn record() -> impl Strategy<Value = Vitals> {
    body().prop_filter_map("not a valid record", |body| Vitals::parse(Fields::from(body)).ok())
}

fn json_of(vitals: &Vitals) -> Value {
    serde_json::from_str(&serde_json::to_string(vitals).unwrap()).unwrap()
}

fn merge(vitals: &Vitals, patch: &Value) -> Result<Vitals, FieldErrors> {
    Patch::parse(Fields::from(patch.clone())).and_then(|patch| patch.apply(vitals))
}

/// `MergePatch` as in RFC 7396, section 2.
fn merge_patch(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = if let Value::Object(members) = target { members } else { serde_json::Map::new() };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            let merged = merge_patch(target.remove(name).unwrap_or(Value::Null), value);
            target.insert(name.clone(), merged);
        }
    }
    Value::Object(target)
}

/// Removes a blood pressure without components: a record leaves the whole member out.
fn without_empty_pressure(mut value: Value) -> Value {
    let members = value.as_object_mut().expect("a record is an object");
    members.retain(|name, value| name != "blood_pressure" || *value != json!({}));
    value
}

/// Compares JSON by value: 72.0 equals 72.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// Whether each pointer leads to a value in the body, or to a required member that is missing.
fn point_into(errors: &FieldErrors, body: &Value) -> bool {
    let errors = serde_json::to_value(errors).unwrap();
    errors.as_array().unwrap().iter().all(|error| {
        let pointer = error["pointer"].as_str().unwrap();
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let missing = error["detail"] == "is required" && body.pointer(parent).is_some_and(Value::is_object);
        body.pointer(pointer).is_some() || missing
    })
}

proptest! {
    #[test]
    fn accepted_record_can_be_sent_back(vitals in record()) {
        let sent_back = Vitals::parse(Fields::from(json_of(&vitals))).unwrap();
        prop_assert_eq!(sent_back, vitals);
        let stored: Vitals = serde_json::from_str(&serde_json::to_string(&vitals).unwrap()).unwrap();
        prop_assert_eq!(stored, vitals);
    }

    #[test]
    fn record_equals_the_body_that_made_it(body in body()) {
        match Vitals::parse(Fields::from(body.clone())) {
            Ok(vitals) => prop_assert!(same(&json_of(&vitals), &body)),
            Err(errors) => prop_assert!(!errors.is_empty() && point_into(&errors, &body), "{:?}", errors),
        }
    }

    #[test]
    fn accepted_patch_follows_rfc_7396(before in record(), patch in body()) {
        let expected = without_empty_pressure(merge_patch(json_of(&before), &patch));
        match merge(&before, &patch) {
            Ok(after) => prop_assert!(same(&json_of(&after), &expected), "{} instead of {expected}", json_of(&after)),
            // A component may be wrong only in combination with a stored one.
            Err(errors) => {
                let whole = merge_patch(json_of(&before), &patch);
                prop_assert!(!errors.is_empty());
                prop_assert!(point_into(&errors, &patch) || point_into(&errors, &whole), "{:?}", errors);
            }
        }
    }

    #[test]
    fn patch_is_rejected_only_if_the_resulting_record_would_be(before in record(), patch in body()) {
        let known = |(name, _): (&String, &Value)| VITALS.iter().any(|vital| vital.field == *name);
        prop_assume!(patch.as_object().unwrap().iter().all(known));
        let expected = without_empty_pressure(merge_patch(json_of(&before), &patch));
        if Vitals::parse(Fields::from(expected)).is_ok() {
            prop_assert!(merge(&before, &patch).is_ok(), "{:?}", merge(&before, &patch));
        }
    }

    #[test]
    fn patch_is_idempotent(before in record(), patch in body()) {
        if let Ok(once) = merge(&before, &patch) {
            prop_assert_eq!(merge(&once, &patch).unwrap(), once);
        }
    }

    #[test]
    fn record_patched_with_itself_or_nothing_is_unchanged(vitals in record()) {
        prop_assert_eq!(merge(&vitals, &json_of(&vitals)).unwrap(), vitals);
        prop_assert_eq!(merge(&vitals, &json!({})).unwrap(), vitals);
    }
}

#[test]
fn reference_passes_the_examples_of_rfc_7396() {
    for (target, patch, result) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a": "b"}), json!(["c"]), json!(["c"])),
        (json!({"a": "foo"}), json!(null), json!(null)),
        (json!({"a": "foo"}), json!("bar"), json!("bar")),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
    ] {
        assert_eq!(merge_patch(target, &patch), result, "{patch}");
    }
}
