//! A service's OpenAPI document: its own part, maintained beside its code, and the part that every service shares.

use std::collections::BTreeSet;

use hyper::Method;
use hyper::body::Bytes;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::route::Route;
use crate::settings::Settings;
use crate::{common, lookup};

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

/// Returns the paths that are never reached, because a template before them in the table matches them too.
pub fn hidden<C>(routes: &'static [Route<C>]) -> Vec<&'static str> {
    let paths = routes.iter().map(|route| route.line.path);
    paths
        .filter(|path| lookup::first(routes, path).is_none_or(|(first, _)| first.line.path != *path))
        .collect()
}

/// What a route takes from a request, besides the path and the headers.
#[derive(Debug)]
pub struct Takes {
    /// The method.
    pub method: &'static Method,
    /// The path template.
    pub path: &'static str,
    /// The query parameters.
    pub query: &'static [&'static str],
    /// The members of the body; `None` if the route expects no body.
    pub body: Option<BTreeSet<String>>,
}

/// Returns what each route takes. The document must list the same.
pub fn takes<C>(routes: &'static [Route<C>]) -> impl Iterator<Item = Takes> {
    routes.iter().map(|route| {
        let (method, path) = route.name();
        Takes { method, path, query: route.line.query, body: route.members() }
    })
}

/// Returns the document in the form that is served. Its paths keep the order of the routing table, so that the first
/// step of a reader comes first; `serde_json` would sort them by name.
pub fn to_bytes<C>(document: Value, routes: &'static [Route<C>]) -> Bytes {
    let Value::Object(mut members) = document else { unreachable!("`assemble` returns an object") };
    let Some(Value::Object(paths)) = members.remove("paths") else { unreachable!("`assemble` adds paths") };
    let order = routes.iter().map(|route| route.line.path).collect();
    let served = Served { paths: Ordered { object: paths, order }, members };
    serde_json::to_vec(&served).expect("a document of JSON values").into()
}

#[derive(Serialize)]
struct Served {
    #[serde(flatten)]
    members: Map<String, Value>,
    paths: Ordered,
}

/// An object that is written in this order of its members. Members that are not listed follow.
struct Ordered {
    object: Map<String, Value>,
    order: Vec<&'static str>,
}

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members: Vec<_> = self.object.iter().collect();
        // A stable sort.
        members.sort_by_key(|(name, _)| {
            self.order.iter().position(|listed| listed == name).unwrap_or(usize::MAX)
        });
        serializer.collect_map(members)
    }
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
