//! Strict JSON: serde_json's own `Value` silently keeps the last of duplicate keys and allows 128 levels; here a
//! duplicate is an error with a pointer to it, and 16 levels are enough.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::fields::{FieldErrors, Fields, kind_of, pointer_step};
use crate::problem::{MALFORMED_JSON, Problem};

/// The deepest document of the services has two levels; the limit bounds the recursion.
const DEPTH_LIMIT: usize = 16;

/// Parses one JSON object.
///
/// # Errors
/// Returns `malformed-json` if the bytes are not a JSON object, `invalid-fields` for a number beyond every range.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Fields, Problem> {
    let malformed = |detail: String| Problem::new(&MALFORMED_JSON, detail);
    if bytes.is_empty() {
        return Err(malformed("The body is empty; send a JSON object.".to_owned()));
    }
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Err(malformed("The body starts with a byte order mark; remove it.".to_owned()));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        let place = error.valid_up_to() + 1;
        return Err(malformed(format!("The body is not UTF-8: byte {place} is none of its characters.")));
    }
    let walk = RefCell::new(Walk::default());
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed =
        Node(&walk).deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    let Walk { path, mut errors } = walk.into_inner();
    match parsed {
        Ok(Value::Object(members)) => Ok(Fields::new(members, errors)),
        Ok(other) => Err(malformed(format!("The body must be a JSON object, not {}.", kind_of(&other)))),
        // Well-formed, but the number fits no type: the walk stopped at its position.
        Err(error) if error.to_string().starts_with("number out of range") => {
            errors.add(path.concat(), "is too large a number");
            Err(errors.into())
        }
        Err(error) => Err(malformed(format!("The body is not JSON: {error}."))),
    }
}

/// The path to the current value, and the duplicates found so far.
#[derive(Default)]
struct Walk {
    path: Vec<String>,
    errors: FieldErrors,
}

/// Parses any value below the current path.
#[derive(Clone, Copy)]
struct Node<'w>(&'w RefCell<Walk>);

impl Node<'_> {
    /// Checks the depth at each array and object: the path has one step for each container around it.
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
                if !walk.errors.is_full() {
                    walk.errors.add(walk.path.concat(), "is given twice");
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

    fn errors_of(text: &str) -> String {
        serde_json::to_string(parse_object(text.as_bytes()).unwrap().errors()).unwrap()
    }

    fn status_of(text: &str) -> u16 {
        parse_object(text.as_bytes()).map_or_else(|problem| problem.status().as_u16(), |_| 200)
    }

    #[test]
    fn a_duplicate_key_at_any_depth_is_an_error() {
        assert_eq!(errors_of(r#"{"a":1,"a":2}"#), r#"[{"pointer":"/a","detail":"is given twice"}]"#);
        assert!(errors_of(r#"{"x":[{},{"a/b~":{"c":1,"\u0063":1}}]}"#).contains(r#""/x/1/a~1b~0/c""#));
        assert_eq!(errors_of(r#"{"a":{"b":1},"c":{"b":1}}"#), "[]");
    }

    #[test]
    fn the_list_of_errors_is_bounded() {
        let key = "k".repeat(30_000);
        let errors = errors_of(&format!("{{\"{key}\":{{{}\"\":0}}}}", "\"\":0,".repeat(6_000)));
        assert!(errors.len() < 31_000, "{} bytes", errors.len());
        let errors = errors_of(&format!("{{{}\"a\":0}}", "\"a\":0,".repeat(6_000)));
        assert_eq!(errors.matches("is given twice").count(), 32);
        assert!(errors.ends_with(r#"{"pointer":"","detail":"has more errors than are listed here"}]"#));
    }

    #[test]
    fn only_a_json_object_is_accepted() {
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
    fn a_number_beyond_every_range_is_a_field_error() {
        assert_eq!(status_of(r#"{"a":{"b":1e400}}"#), 422);
    }

    #[test]
    fn sixteen_levels_are_the_limit() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert_eq!(status_of(&nested(16)), 200);
        assert_eq!(status_of(&nested(17)), 400);
    }
}
