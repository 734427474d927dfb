//! Sends the requests of `docs/lab.http` as an editor does, from top to bottom. Each must succeed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use testkit::Client;

use crate::running_lab::RunningLab;
use crate::workspace;

/// For the health service only: an editor does not have its token.
const FOR_A_SERVICE: &str = "GET /persons/deleted";

/// A request of the file, before its variables are replaced.
struct Request<'f> {
    /// The name under which later requests use its answer.
    name: Option<&'f str>,
    /// Method and URL.
    line: &'f str,
    headers: Vec<(&'f str, &'f str)>,
    body: &'f str,
}

impl<'f> Request<'f> {
    fn parse(text: &'f str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let (comments, lines): (Vec<&str>, Vec<&str>) =
            head.lines().skip(1).partition(|line| line.starts_with('#'));
        let (line, headers) = lines.split_first().expect("a request line");
        Self {
            name: comments.iter().find_map(|comment| comment.strip_prefix("# @name ")),
            line,
            headers: headers.iter().map(|line| line.split_once(": ").expect("a header line")).collect(),
            body: body.trim_end(),
        }
    }
}

/// Replaces each `{{name}}` with its value, and the names in that value too.
fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let Some((before, rest)) = text.split_once("{{") else { return text.to_owned() };
    let (name, after) = rest.split_once("}}").expect("a variable ends");
    let value = values.get(name).unwrap_or_else(|| panic!("{name} has no value"));
    format!("{before}{}{}", fill(value, values), fill(after, values))
}

#[test]
fn editor_requests_succeed_and_cover_every_route() {
    let lab = RunningLab::start();
    let [auth, person, health] = lab.anonymous();
    let services = [("5001", person), ("5002", health), ("5003", auth)];
    let file = workspace().join("docs/lab.http");
    let text = fs::read_to_string(file).expect("docs/lab.http");
    let mut requests = text.split("\n###");
    let variables = requests.next().expect("the lines before the first request").lines();
    let variables = variables.filter_map(|line| line.strip_prefix('@')?.split_once(" = "));
    let mut values: BTreeMap<String, String> =
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    // The editor makes a new one each time.
    values.insert("$guid".to_owned(), "8e03978e-40d5-43dd-bc93-6894a57f9324".to_owned());
    let mut sent = BTreeSet::new();
    for request in requests.map(Request::parse) {
        let line = fill(request.line, &values);
        let (method, url) = line.split_once(' ').expect("a method and a URL");
        let (port, path) = url.strip_prefix("http://localhost:").expect("a URL").split_at(4);
        let (_, service) = services.iter().find(|(of, _)| *of == port).expect("a port of the lab");
        let mut call = service.call(method, path);
        for (name, value) in &request.headers {
            call = call.header(name, &fill(value, &values));
        }
        let answer =
            if request.body.is_empty() { call } else { call.body(fill(request.body, &values)) }.send();
        assert!((200..300).contains(&answer.status), "{line}: {} {}", answer.status, answer.text());
        for (name, value) in request.name.iter().flat_map(|name| members(name, &answer.json())) {
            values.insert(name, value);
        }
        let path = path.split('?').next().expect("a path");
        sent.insert(format!("{method} {}", path.replace("/1", "/{}")));
    }
    assert_eq!(sent, routes(&services.map(|(_, service)| service)));
}

/// Returns the variables that hold the members of an answer.
fn members(name: &str, body: &Value) -> Vec<(String, String)> {
    let members = body.as_object().expect("an object").iter();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    members.map(|(member, value)| (format!("{name}.response.body.$.{member}"), text(value))).collect()
}

/// Returns the routes that only one service lists.
fn routes(services: &[Client]) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for service in services {
        for link in service.get("/").json()["links"].as_array().expect("links") {
            let [method, path] = ["method", "href"].map(|member| link[member].as_str().expect("text"));
            let path = path.split_once('{').map_or(path.to_owned(), |(before, _)| format!("{before}{{}}"));
            *counts.entry(format!("{method} {path}")).or_default() += 1;
        }
    }
    counts.retain(|route, services| *services == 1 && route != FOR_A_SERVICE);
    counts.into_keys().collect()
}
