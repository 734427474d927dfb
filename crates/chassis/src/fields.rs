//! The members of a JSON object while they are parsed, and the errors found in them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

/// A body of 64 KiB can hold thousands of errors, each with a pointer as long as itself: an answer must not. It lists at
/// most this many, and stops when their pointers reach this length in all.
const ERROR_LIMIT: usize = 32;
const POINTER_BYTES: usize = 8 * 1024;

/// The errors of a body, each with a JSON pointer (RFC 6901).
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldErrors(Vec<FieldError>);

#[derive(Debug, PartialEq, Eq, Serialize)]
struct FieldError {
    pointer: String,
    detail: String,
}

impl FieldErrors {
    /// Adds an error; beyond the limits, one last entry says that there are more.
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        if self.is_full() {
            return;
        }
        self.0.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        if self.is_full() {
            let detail = "has more errors than are listed here".to_owned();
            self.0.push(FieldError { pointer: String::new(), detail });
        }
    }

    /// Returns whether no more errors are added.
    pub(crate) fn is_full(&self) -> bool {
        let bytes: usize = self.0.iter().map(|error| error.pointer.len()).sum();
        self.0.len() >= ERROR_LIMIT || bytes > POINTER_BYTES
    }

    /// Adds an error about the member `name` of the object at `pointer`.
    pub fn add_below(&mut self, pointer: &str, name: &str, detail: impl Into<String>) {
        self.add(format!("{pointer}{}", pointer_step(name)), detail);
    }

    /// Returns whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `value` if the list is empty.
    ///
    /// # Errors
    /// Returns all errors otherwise.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// Returns one step of a JSON pointer: `/name`, with `~` and `/` escaped (RFC 6901).
pub(crate) fn pointer_step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The members of a body. Each is taken once; the remaining members are unknown.
#[derive(Debug, Default)]
pub struct Fields {
    members: Map<String, Value>,
    errors: FieldErrors,
    /// Notes the names that a parser takes, see [`Fields::noting`].
    taken: Option<Taken>,
}

/// The names that a parser has taken, whether or not the body had them.
pub(crate) type Taken = Arc<Mutex<BTreeSet<String>>>;

/// Takes the members of an object, or none of any other value; for tests of parsers.
impl From<Value> for Fields {
    fn from(value: Value) -> Self {
        let members = if let Value::Object(members) = value { members } else { Map::new() };
        Self { members, ..Self::default() }
    }
}

impl Fields {
    pub(crate) fn new(members: Map<String, Value>, errors: FieldErrors) -> Self {
        Self { members, errors, taken: None }
    }

    /// Returns an empty body that notes which names a parser takes, so that a test can compare them with the document.
    pub(crate) fn noting(taken: &Taken) -> Self {
        Self { taken: Some(Arc::clone(taken)), ..Self::default() }
    }

    /// Takes the member of this name.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        if let Some(taken) = &self.taken {
            taken.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        }
        self.members.remove(name)
    }

    /// Takes and parses a required string; returns `None` after adding an error.
    pub fn string<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let parsed = match self.take(name) {
            None => Err("is required".to_owned()),
            Some(Value::String(text)) => parse(&text),
            Some(other) => Err(format!("must be a string, not {}", kind_of(&other))),
        };
        parsed.map_err(|detail| self.errors.add(pointer_step(name), detail)).ok()
    }

    /// Returns the errors, to add further ones.
    pub fn errors(&mut self) -> &mut FieldErrors {
        &mut self.errors
    }

    /// Returns all errors. Every member that was not taken is one, worded by `unknown`.
    pub fn into_errors(mut self, unknown: impl Fn(&str) -> String) -> FieldErrors {
        for name in self.members.keys() {
            self.errors.add_below("", name, unknown(name));
        }
        self.errors
    }

    /// Returns the parsed value if the body has no error, counting members that were not taken.
    ///
    /// # Errors
    /// Returns all errors. Also fails if `value` is `None`, which a parser returns only after adding an error.
    pub fn finish<T>(self, value: Option<T>, unknown: impl Fn(&str) -> String) -> Result<T, FieldErrors> {
        let errors = self.into_errors(unknown);
        value.filter(|_| errors.is_empty()).ok_or(errors)
    }
}

/// Returns the kind of a JSON value with its article, for error messages.
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
