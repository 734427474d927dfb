//! A service's OpenAPI document: its own part, kept by hand beside its code, and the part of the routes and
//! answers that every service has.

use hyper::Method;
use hyper::body::Bytes;
use serde_json::Value;

use crate::common;
use crate::route::Route;

const COMMON: &str = include_str!("openapi.json");

/// Puts the two parts together; where both have a member, the service's own stays.
pub fn assemble(own: &str, version: &str) -> Value {
    let parse = |text| serde_json::from_str(text).expect("the documents in the source are JSON");
    let mut document: Value = parse(own);
    document["info"]["version"] = version.into();
    merge(&mut document, parse(COMMON));
    document
}

/// Every operation that a service with this table answers, those of the chassis too: the method, the path
/// template and the statuses. It is what the document has to say.
pub fn operations<C>(routes: &'static [Route<C>]) -> Vec<(&'static Method, &'static str, Vec<u16>)> {
    let own = routes.iter().map(|route| (&route.method, route.path, route.statuses()));
    own.chain(common::ROUTES.iter().map(|route| (&route.method, route.path, route.statuses()))).collect()
}

/// The document as it is served.
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
