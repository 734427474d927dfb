//! A service's OpenAPI document: its own part, maintained beside its code, and the part that every service shares.

use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;

use crate::common;
use crate::route::Route;
use crate::settings::Settings;

const COMMON: &str = include_str!("openapi.json");

/// The routes of the page at `/live`.
const LIVE: &str = include_str!("live/openapi.json");

/// Merges the parts that a service with these settings has. If two have a member, the service's own wins.
pub fn assemble(own: &str, version: &str, settings: &Settings) -> Value {
    let parse = |text| serde_json::from_str(text).expect("the documents in the source are JSON");
    let mut document: Value = parse(own);
    document["info"]["version"] = version.into();
    merge(&mut document, parse(COMMON));
    if settings.live {
        merge(&mut document, parse(LIVE));
    }
    document
}

/// Returns every operation of a service with these settings, including the common ones: method, path template and
/// statuses. The document must list the same.
pub fn operations<C>(
    routes: &'static [Route<C>],
    settings: &Settings,
) -> Vec<(&'static Method, &'static str, Vec<u16>)> {
    let common = common::tables(settings).flatten().map(|route| &route.line);
    let lines = routes.iter().map(|route| &route.line).chain(common);
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
