//! JSON read strictly: serde_json's own `Value` keeps the last of duplicated keys in silence, and gives up
//! at 128 levels; here a duplicate is a fault with a pointer to it, and 16 levels are enough.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::fields::{Faults, Fields, kind_of, pointer_step};
use crate::problem::{MALFORMED_JSON, Problem};

/// The deepest document of ours is two levels; this leaves room and bounds the recursion.
const DEPTH_LIMIT: usize = 16;

/// Reads one JSON object.
///
/// # Errors
/// `malformed-json` for what is no JSON or no object; `invalid-fields` for a number beyond all ranges.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Fields, Problem> {
    let malformed = |detail: String| Problem::new(&MALFORMED_JSON, detail);
    if bytes.is_empty() {
        return Err(malformed("The body is empty; send a JSON object.".to_owned()));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Err(malformed("The body starts with a byte order mark; send it without.".to_owned()));
    }
    let walk = RefCell::new(Walk::default());
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed =
        Node(&walk).deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    let Walk { path, mut faults } = walk.into_inner();
    match parsed {
        Ok(Value::Object(members)) => Ok(Fields::new(members, faults)),
        Ok(other) => Err(malformed(format!("The body must be a JSON object, not {}.", kind_of(&other)))),
        // Well-formed, but no number that a computer holds: the walk stopped where it stands.
        Err(error) if error.to_string().starts_with("number out of range") => {
            faults.add(path.concat(), "is too large a number");
            Err(faults.into())
        }
        Err(error) => Err(malformed(format!("The body is not JSON: {error}."))),
    }
}

/// Where the reader is, and the duplicates it met.
#[derive(Default)]
struct Walk {
    path: Vec<String>,
    faults: Faults,
}

/// Any value, read below the current place of the walk.
#[derive(Clone, Copy)]
struct Node<'w>(&'w RefCell<Walk>);

impl Node<'_> {
    /// Called on each array and object; the path is as long as the containers around it are many.
    fn open<E: serde::de::Error>(self) -> Result<(), E> {
        let depth = self.0.borrow().path.len();
        if depth < DEPTH_LIMIT { Ok(()) } else { Err(E::custom("nested deeper than 16 levels")) }
    }

    fn enter(self, step: String) {
        self.0.borrow_mut().path.push(step);
    }

    fn leave(self) {
        self.0.borrow_mut().path.pop();
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.open()?;
        let mut array = Vec::new();
        loop {
            self.enter(format!("/{}", array.len()));
            let Some(item) = items.next_element_seed(self)? else { break };
            array.push(item);
            self.leave();
        }
        self.leave();
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.open()?;
        let mut members = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            self.enter(pointer_step(&name));
            let value = entries.next_value_seed(self)?;
            if members.insert(name, value).is_some() {
                let walk = &mut *self.0.borrow_mut();
                if !walk.faults.are_too_many() {
                    walk.faults.add(walk.path.concat(), "is given twice");
                }
            }
            self.leave();
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(text: &str) -> String {
        serde_json::to_string(parse_object(text.as_bytes()).unwrap().faults()).unwrap()
    }

    fn status_of(text: &str) -> u16 {
        parse_object(text.as_bytes()).map_or_else(|problem| problem.status().as_u16(), |_| 200)
    }

    #[test]
    fn a_duplicated_key_is_pointed_at_however_deep() {
        assert_eq!(faults_of(r#"{"a":1,"a":2}"#), r#"[{"pointer":"/a","detail":"is given twice"}]"#);
        assert!(faults_of(r#"{"x":[{},{"a/b~":{"c":1,"\u0063":1}}]}"#).contains(r#""/x/1/a~1b~0/c""#));
        assert_eq!(faults_of(r#"{"a":{"b":1},"c":{"b":1}}"#), "[]");
    }

    #[test]
    fn a_body_made_of_faults_is_not_answered_with_all_of_them() {
        let key = "k".repeat(30_000);
        let faults = faults_of(&format!("{{\"{key}\":{{{}\"\":0}}}}", "\"\":0,".repeat(6_000)));
        assert!(faults.len() < 31_000, "{} bytes", faults.len());
        let faults = faults_of(&format!("{{{}\"a\":0}}", "\"a\":0,".repeat(6_000)));
        assert_eq!(faults.matches("is given twice").count(), 32);
        assert!(
            faults.ends_with(r#"{"pointer":"","detail":"is wrong in more places than are worth telling"}]"#)
        );
    }

    #[test]
    fn what_is_no_json_object_is_malformed() {
        for text in [
            "",
            " ",
            "null",
            "[]",
            "1",
            "{",
            "{}x",
            "{'a':1}",
            "\u{feff}{}",
            "{\"a\":01}",
            "{\"a\":\"\\ud800\"}",
        ] {
            assert_eq!(status_of(text), 400, "{text}");
        }
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}").unwrap_err().status(), 400);
        assert_eq!(status_of(" {\"a\": -0.5e-3} "), 200);
    }

    #[test]
    fn a_number_beyond_all_ranges_is_a_fault_at_its_place() {
        assert_eq!(status_of(r#"{"a":{"b":1e400}}"#), 422);
    }

    #[test]
    fn sixteen_levels_are_read_and_seventeen_refused() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert_eq!(status_of(&nested(16)), 200);
        assert_eq!(status_of(&nested(17)), 400);
    }
}
