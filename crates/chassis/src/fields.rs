//! The members of a JSON object on their way to becoming values, and everything found wrong with them.

use serde::Serialize;
use serde_json::{Map, Value};

/// A body of 64 KiB can hold thousands of faults, each with a pointer as long as itself: an answer must not. So
/// many are told, or as many as have this length in all; nobody mends more at a time.
const FAULTS: usize = 32;
const POINTER_BYTES: usize = 8 * 1024;

/// All that is wrong with a body, each with a JSON pointer (RFC 6901) to the place.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Faults(Vec<Fault>);

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Fault {
    pointer: String,
    detail: String,
}

impl Faults {
    /// Notes that `detail` is wrong at `pointer`; where there are too many, only that there are.
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        if self.are_too_many() {
            return;
        }
        self.0.push(Fault { pointer: pointer.into(), detail: detail.into() });
        if self.are_too_many() {
            let detail = "is wrong in more places than are worth telling".to_owned();
            self.0.push(Fault { pointer: String::new(), detail });
        }
    }

    /// Whether no more are noted.
    pub(crate) fn are_too_many(&self) -> bool {
        let bytes: usize = self.0.iter().map(|fault| fault.pointer.len()).sum();
        self.0.len() >= FAULTS || bytes > POINTER_BYTES
    }

    /// Notes that `detail` is wrong with the member `name` of what is at `pointer`.
    pub fn add_below(&mut self, pointer: &str, name: &str, detail: impl Into<String>) {
        self.add(format!("{pointer}{}", pointer_step(name)), detail);
    }

    /// Whether something was wrong at this pointer.
    pub fn has(&self, pointer: &str) -> bool {
        self.0.iter().any(|fault| fault.pointer == pointer)
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives `value` if nothing was wrong.
    ///
    /// # Errors
    /// All the faults, if there is one.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// One step of a JSON pointer: `/name`, with `~` and `/` escaped as RFC 6901 says.
pub(crate) fn pointer_step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The members of a body. Each is taken once; what is left at the end is unknown.
#[derive(Debug, Default)]
pub struct Fields {
    members: Map<String, Value>,
    faults: Faults,
}

/// The members of an object, and none of anything else; for tests of what is made from a body.
impl From<Value> for Fields {
    fn from(value: Value) -> Self {
        let members = if let Value::Object(members) = value { members } else { Map::new() };
        Self { members, faults: Faults::default() }
    }
}

impl Fields {
    pub(crate) fn new(members: Map<String, Value>, faults: Faults) -> Self {
        Self { members, faults }
    }

    /// Takes the member of this name.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    /// Takes a string that must be there, and parses it. `None` means that a fault was noted.
    pub fn string<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let parsed = match self.take(name) {
            None => Err("is required".to_owned()),
            Some(Value::String(text)) => parse(&text),
            Some(other) => Err(format!("must be a string, not {}", kind_of(&other))),
        };
        parsed.map_err(|detail| self.faults.add(pointer_step(name), detail)).ok()
    }

    /// Where to note what else is wrong.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Ends the reading: every member that nobody took is a fault, worded by `unknown`.
    pub fn finish(mut self, unknown: impl Fn(&str) -> String) -> Faults {
        for name in self.members.keys() {
            self.faults.add_below("", name, unknown(name));
        }
        self.faults
    }
}

/// What a JSON value is, with its article, for a sentence.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
