//! Compares an OpenAPI document with the routing table that is served, and with answers.

use std::collections::{BTreeMap, BTreeSet};

use chassis::{Route, Settings};
use serde_json::{Map, Value};

/// Checks that the document of a service with these settings has exactly the table's paths and methods, each with the
/// table's statuses, query parameters and members of a body.
pub fn assert_documents<C>(document: &Value, routes: &'static [Route<C>], settings: &Settings) {
    let hidden = chassis::openapi::hidden(routes);
    assert!(hidden.is_empty(), "routes.rs: a template before them hides {hidden:?}");
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
    for takes in chassis::openapi::takes(routes) {
        let name = format!("{} {}", takes.method, takes.path);
        let operation = &document["paths"][takes.path][takes.method.as_str().to_ascii_lowercase()];
        let query: BTreeSet<_> = takes.query.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(query_parameters(document, operation), query, "openapi.json: the query of {name}");
        let documented = bodies(document, operation);
        assert_eq!(documented.is_empty(), takes.body.is_none(), "openapi.json: the body of {name}");
        for members in documented {
            assert_eq!(Some(members), takes.body, "openapi.json: the members of a body of {name}");
        }
    }
}

/// Returns the names of an operation's query parameters.
fn query_parameters(document: &Value, operation: &Value) -> BTreeSet<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| resolved(document, parameter));
    let in_query = parameters.filter(|parameter| parameter["in"] == "query");
    in_query.map(|parameter| parameter["name"].as_str().expect("a name").to_owned()).collect()
}

/// Returns the members of an operation's body, for each media type.
fn bodies(document: &Value, operation: &Value) -> Vec<BTreeSet<String>> {
    let contents = resolved(document, &operation["requestBody"])["content"].as_object();
    let schemas = contents.into_iter().flat_map(Map::values);
    let members = |content: &Value| {
        let members = resolved(document, &content["schema"])["properties"].as_object().expect("members");
        members.keys().cloned().collect()
    };
    schemas.map(members).collect()
}

/// Follows a reference within a document.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let Some(reference) = value["$ref"].as_str() else { return value };
    let pointer = reference.strip_prefix('#').expect("a reference within the document");
    resolved(document, document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere")))
}

/// Checks that an answer has the members that the document's schema of this name lists, and no others. Members that the
/// schema does not require may be missing.
pub fn assert_describes(document: &Value, schema: &str, answer: &Value) {
    check(document, schema, &document["components"]["schemas"][schema], answer);
}

/// Checks as [`assert_describes`] does one JSON answer of each operation that only this service has; the answers are under
/// the `operationId`. So a test that a new operation lacks fails.
pub fn assert_answers(document: &Value, answers: &[(&str, Value)]) {
    let mut answers: BTreeMap<&str, &Value> = answers.iter().map(|(id, answer)| (*id, answer)).collect();
    for (path, method) in operations(document) {
        let operation = &document["paths"][&path][&method];
        let responses = operation["responses"].as_object().expect("responses");
        let successes = responses.iter().filter(|(status, _)| status.starts_with('2'));
        let schemas = successes
            .map(|(_, response)| &resolved(document, response)["content"]["application/json"]["schema"]);
        let Some(schema) = schemas.into_iter().find(|schema| !schema.is_null()) else { continue };
        if operation["tags"][0] == "service" {
            continue;
        }
        let id = operation["operationId"].as_str().expect("an operationId");
        let answer = answers.remove(id);
        let answer = answer.unwrap_or_else(|| panic!("give this test an answer of {id}: {method} {path}"));
        check(document, id, schema, answer);
    }
    assert!(answers.is_empty(), "openapi.json has no such operations, or no JSON for them: {answers:?}");
}

/// Checks an answer, or a part of one, against its schema.
fn check(document: &Value, name: &str, schema: &Value, answer: &Value) {
    let schema = resolved(document, schema);
    if let Value::Array(items) = answer {
        assert!(!items.is_empty(), "{name}: an empty list shows no member");
        items.iter().for_each(|item| check(document, name, &schema["items"], item));
    }
    let Some(members) = answer.as_object() else { return };
    let properties = schema["properties"].as_object();
    let properties = properties.unwrap_or_else(|| panic!("openapi.json lists no members of {name}"));
    for (member, value) in members {
        let described = properties.get(member);
        let described = described
            .unwrap_or_else(|| panic!("openapi.json: {name} lacks `{member}`, which is in {answer}"));
        check(document, member, described, value);
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        let required = required.as_str().expect("a name");
        assert!(
            members.contains_key(required),
            "openapi.json: {name} requires `{required}`, which {answer} lacks"
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
