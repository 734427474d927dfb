//! What holds for every body and every patch: RFC 7396, said once more over JSON, is what the patches are held against.

use proptest::collection::btree_map;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A body of known members most of which are sound, and some of unknown ones.
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
    let known = (
        member("weight", number(1, 700).boxed()),
        member("height", number(20, 280).boxed()),
        member("heart_rate", number(10, 350).boxed()),
        member("blood_pressure", pressure.boxed()),
    );
    let unknown = prop_oneof![9 => Just(vec![]), 1 => btree_map("[a-z~/]{1,6}", number(0, 9), 1..3).prop_map(|all| all.into_iter().collect())];
    (known, unknown).prop_map(|((weight, height, rate, pressure), unknown)| {
        [weight, height, rate, pressure].into_iter().flatten().chain(unknown).collect()
    })
}

/// A sound record.
fn record() -> impl Strategy<Value = Vitals> {
    let sound = |body: Value| Patch::parse_record(Fields::from(body)).ok();
    body().prop_filter_map("no sound record", sound)
}

fn json_of(vitals: &Vitals) -> Value {
    serde_json::from_str(&serde_json::to_string(vitals).unwrap()).unwrap()
}

fn merge(vitals: &Vitals, patch: &Value) -> Result<Vitals, Faults> {
    Patch::parse_merge(Fields::from(patch.clone())).and_then(|patch| patch.apply(vitals))
}

/// `MergePatch` of RFC 7396, section 2, word for word.
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

/// What a record makes of a vital sign of whose parts nothing is left: it is not there.
fn without_empty_parts(mut value: Value) -> Value {
    let members = value.as_object_mut().expect("a record is an object");
    members.retain(|name, value| name != "blood_pressure" || *value != json!({}));
    value
}

/// 72.0 is 72: numbers are compared as such.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// Whether each pointer leads to something in the body, or to a member that ought to be in it.
fn point_somewhere(faults: &Faults, body: &Value) -> bool {
    let faults = serde_json::to_value(faults).unwrap();
    faults.as_array().unwrap().iter().all(|fault| {
        let pointer = fault["pointer"].as_str().unwrap();
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let missing = fault["detail"] == "is required" && body.pointer(parent).is_some_and(Value::is_object);
        body.pointer(pointer).is_some() || missing
    })
}

proptest! {
    #[test]
    fn what_is_accepted_can_be_sent_back_and_is_then_the_same(vitals in record()) {
        let sent_back = Patch::parse_record(Fields::from(json_of(&vitals))).unwrap();
        prop_assert_eq!(sent_back, vitals);
        let stored: Vitals = serde_json::from_str(&serde_json::to_string(&vitals).unwrap()).unwrap();
        prop_assert_eq!(stored, vitals);
    }

    #[test]
    fn a_record_is_the_body_that_made_it(body in body()) {
        match Patch::parse_record(Fields::from(body.clone())) {
            Ok(vitals) => prop_assert!(same(&json_of(&vitals), &body)),
            Err(faults) => prop_assert!(!faults.is_empty() && point_somewhere(&faults, &body), "{:?}", faults),
        }
    }

    #[test]
    fn a_patch_that_is_accepted_does_what_rfc_7396_says(before in record(), patch in body()) {
        let expected = without_empty_parts(merge_patch(json_of(&before), &patch));
        match merge(&before, &patch) {
            Ok(after) => prop_assert!(same(&json_of(&after), &expected), "{} and not {expected}", json_of(&after)),
            // The parts of what is stored may be what does not fit.
            Err(faults) => {
                let whole = merge_patch(json_of(&before), &patch);
                prop_assert!(!faults.is_empty());
                prop_assert!(point_somewhere(&faults, &patch) || point_somewhere(&faults, &whole), "{:?}", faults);
            }
        }
    }

    #[test]
    fn a_patch_of_known_members_is_refused_only_where_the_record_would_be(before in record(), patch in body()) {
        let known = |(name, _): (&String, &Value)| VITALS.iter().any(|vital| vital.field == *name);
        prop_assume!(patch.as_object().unwrap().iter().all(known));
        let expected = without_empty_parts(merge_patch(json_of(&before), &patch));
        if Patch::parse_record(Fields::from(expected)).is_ok() {
            prop_assert!(merge(&before, &patch).is_ok(), "{:?}", merge(&before, &patch));
        }
    }

    #[test]
    fn a_patch_twice_is_a_patch_once(before in record(), patch in body()) {
        if let Ok(once) = merge(&before, &patch) {
            prop_assert_eq!(merge(&once, &patch).unwrap(), once);
        }
    }

    #[test]
    fn a_record_is_a_patch_that_makes_it_of_itself_and_nothing_changes_nothing(vitals in record()) {
        prop_assert_eq!(merge(&vitals, &json_of(&vitals)).unwrap(), vitals);
        prop_assert_eq!(merge(&vitals, &json!({})).unwrap(), vitals);
    }
}

#[test]
fn the_reference_says_what_the_examples_of_rfc_7396_say() {
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
