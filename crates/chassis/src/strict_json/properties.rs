//! Properties of every body.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

/// Generates any JSON value that is shallow enough for an object.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no other", |number| number.is_finite()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(name(), inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Generates names, some of them hard to write in a pointer.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[ab~/]{0,3}", ".{0,4}"]
}

proptest! {
    #[test]
    fn an_object_parses_back(members in btree_map(name(), any_json(), 0..6)) {
        let written = Value::from_iter(members);
        let mut fields = parse_object(written.to_string().as_bytes()).unwrap();
        for (name, value) in written.as_object().unwrap() {
            prop_assert_eq!(fields.take(name), Some(value.clone()));
        }
        // The object has no further member and no error.
        prop_assert!(fields.finish(Some(()), str::to_owned).is_ok());
    }

    #[test]
    fn the_pointer_to_a_duplicate_resolves(
        outer in name(), members in btree_map(name(), any_json(), 1..5), index in any::<prop::sample::Index>(),
    ) {
        let (twice, value) = index.get(&members.clone().into_iter().collect::<Vec<_>>()).clone();
        let inner = Value::from_iter(members).to_string();
        let inner = format!("{},{}:{value}}}", &inner[..inner.len() - 1], Value::from(twice.as_str()));
        let text = format!("{{{}:{inner}}}", Value::from(outer.as_str()));
        let mut fields = parse_object(text.as_bytes()).unwrap();
        let errors = serde_json::to_value(fields.errors()).unwrap();
        prop_assert_eq!(errors.as_array().unwrap().len(), 1, "{}", &text);
        let pointer = errors[0]["pointer"].as_str().unwrap();
        prop_assert_eq!(pointer, format!("{}{}", pointer_step(&outer), pointer_step(&twice)));
        // serde_json keeps one of the two at the same pointer.
        let document: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(document.pointer(pointer), Some(&value));
    }

    #[test]
    fn serde_json_accepts_every_accepted_text(text in r#"[{}\[\]",:0-9aeEn.+\\ \-]{0,24}"#) {
        if parse_object(text.as_bytes()).is_ok() {
            prop_assert!(serde_json::from_str::<Map<String, Value>>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in vec(any::<u8>(), 0..64)) {
        let status = parse_object(&bytes).map_or_else(|problem| problem.status().as_u16(), |_| 200);
        prop_assert!([200, 400, 422].contains(&status));
    }
}
