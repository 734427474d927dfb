//! The form of a token's JSON. serde_json skips unknown members however deep they are, and does not notice a repeated
//! one, so two verifiers could read one token differently.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Our tokens have two levels; the limit bounds the recursion.
const DEPTH_LIMIT: usize = 16;

/// Returns the names of an object's members.
///
/// # Errors
/// Returns an error unless the text is a JSON object of at most 16 levels, without a member that is given twice.
pub(crate) fn members(json: &[u8]) -> Result<HashSet<String>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let names = Node { depth: 0 }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    names.ok_or_else(|| Error::custom("not an object"))
}

/// Reads any value below this many others; returns the names of the members of an object.
#[derive(Clone, Copy)]
struct Node {
    depth: usize,
}

impl Node {
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth < DEPTH_LIMIT {
            Ok(Self { depth: self.depth + 1 })
        } else {
            Err(E::custom("nested deeper than 16 levels"))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Option<HashSet<String>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Option<HashSet<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let inside = self.inside()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member is given twice"));
            }
            members.next_value_seed(inside)?;
        }
        Ok(Some(names))
    }
}
