//! Compares an OpenAPI document with the routing table that is served.

use std::collections::BTreeSet;

use chassis::{Route, Settings};
use serde_json::Value;

/// Checks that the document of a service with these settings has exactly the table's paths and methods, each with the
/// table's statuses.
pub fn assert_documents<C>(document: &Value, routes: &'static [Route<C>], settings: &Settings) {
    let mut expected = BTreeSet::new();
    for (method, path, statuses) in chassis::openapi::operations(routes, settings) {
        let method = method.as_str().to_ascii_lowercase();
        let responses = document["paths"][path][&method]["responses"].as_object();
        let responses = responses.unwrap_or_else(|| panic!("{method} {path} is not documented"));
        let documented: Vec<u16> = responses.keys().map(|status| status.parse().expect("a status")).collect();
        assert_eq!(documented, statuses, "the statuses of {method} {path}");
        expected.insert((path.to_owned(), method));
    }
    assert_eq!(operations(document), expected);
}

/// Checks that an answer has exactly the members that the document's schema of this name lists. Members that the schema
/// does not require may be missing.
pub fn assert_describes(document: &Value, schema: &str, answer: &Value) {
    let described = &document["components"]["schemas"][schema];
    let properties = described["properties"].as_object();
    let properties =
        properties.unwrap_or_else(|| panic!("openapi.json has no schema {schema} with properties"));
    let members = answer.as_object().unwrap_or_else(|| panic!("{answer} is no object"));
    for member in members.keys() {
        assert!(
            properties.contains_key(member),
            "openapi.json: {schema} lacks `{member}`, which is in {answer}"
        );
    }
    for required in described["required"].as_array().expect("required members") {
        let required = required.as_str().expect("a name");
        assert!(
            members.contains_key(required),
            "openapi.json: {schema} requires `{required}`, which {answer} lacks"
        );
    }
}

/// Returns the paths of a document, each with its methods in lower case.
pub fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("a path item").keys().filter(|key| *key != "parameters") {
            operations.insert((path.clone(), method.clone()));
        }
    }
    operations
}
