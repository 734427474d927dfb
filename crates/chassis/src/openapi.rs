//! A service's OpenAPI document: its own part, maintained beside its code, and the part that every service shares.

use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;

use crate::common;
use crate::route::Route;

const COMMON: &str = include_str!("openapi.json");

/// Merges both parts. If both have a member, the service's own wins.
pub fn assemble(own: &str, version: &str) -> Value {
    let parse = |text| serde_json::from_str(text).expect("the documents in the source are JSON");
    let mut document: Value = parse(own);
    document["info"]["version"] = version.into();
    merge(&mut document, parse(COMMON));
    document
}

/// Returns every operation of a service, including the common ones: method, path template and statuses. The document
/// must list the same.
pub fn operations<C>(routes: &'static [Route<C>]) -> Vec<(&'static Method, &'static str, Vec<u16>)> {
    let lines = routes.iter().map(|route| &route.line).chain(common::ROUTES.iter().map(|route| &route.line));
    lines.map(|line| (&line.method, line.path, line.statuses())).collect()
}

/// Returns the document in the form that is served.
pub fn to_bytes(document: &Value) -> Bytes {
    document.to_string().into()
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into @ Value::Null, from) => *into = from,
        _ => {}
    }
}
