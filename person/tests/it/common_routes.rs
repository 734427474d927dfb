//! The routes that every service has. They need no token.

use serde_json::json;
use testkit::openapi::{assert_answers, assert_describes, assert_documents};

use crate::service::{PersonService, body};

/// Returns the value of the sample of `/metrics` with this name and these labels.
fn sample(service: &PersonService, series: &str) -> Option<f64> {
    let page = service.anonymous().get("/metrics").expect(200).text();
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ').map(str::to_owned));
    line.map(|value| value.parse().expect("a number"))
}

fn requests(service: &PersonService, method: &str, route: &str, status: u16) -> f64 {
    let series = format!("http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
    sample(service, &series).unwrap_or(0.0)
}

#[test]
fn index_names_the_service_and_links_to_every_route() {
    let service = PersonService::start();
    let answer = service.anonymous().get("/").expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let index = answer.json();
    assert_eq!((&index["name"], &index["version"]), (&json!("person"), &json!(person::VERSION)));
    let links = index["links"].as_array().expect("links").clone();
    for (method, href) in
        [("GET", "/persons"), ("POST", "/persons"), ("DELETE", "/persons/{id}"), ("GET", "/metrics")]
    {
        assert!(links.contains(&json!({"method": method, "href": href})), "{method} {href}");
    }
    for link in &links {
        let path = link["href"].as_str().expect("a path").replace("{id}", "1");
        let path = path.replace("{slug}", "internal").replace("{file}", "page.js");
        let status =
            service.anonymous().call(link["method"].as_str().expect("a method"), &path).send().status;
        assert!([200, 401].contains(&status), "{link} answers {status}");
    }
}

#[test]
fn probes_answer_200() {
    let service = PersonService::start();
    assert_eq!(service.anonymous().get("/livez").expect(200).text(), "live\n");
    assert_eq!(service.anonymous().get("/readyz").expect(200).text(), "ready\n");
}

#[test]
fn every_problem_type_is_listed_and_has_a_page() {
    let service = PersonService::start();
    let list = service.anonymous().get("/problems").expect(200);
    assert_eq!(list.header("content-type"), Some("text/plain; charset=utf-8"));
    let list = list.text();
    let mut slugs = std::collections::BTreeSet::new();
    for line in list.lines() {
        let mut words = line.split_whitespace();
        let path = words.next().expect("a path");
        let status = words.next().expect("a status");
        let title = words.collect::<Vec<_>>().join(" ");
        let page = service.anonymous().get(path).expect(200).text();
        assert!(page.starts_with(&format!("{title} ({status})\n\n")), "{page}");
        assert!(page.lines().count() >= 3 && page.len() > title.len() + 30, "{page}");
        assert!(slugs.insert(path.trim_start_matches("/problems/").to_owned()), "{path} is listed twice");
    }
    for slug in
        ["no-such-person", "no-such-route", "missing-token", "invalid-fields", "disk-full", "internal"]
    {
        assert!(slugs.contains(slug), "{slug} is not listed");
    }
    for unknown in ["no-health-record", "nothing", "NO-SUCH-PERSON", "no-such"] {
        service.anonymous().get(&format!("/problems/{unknown}")).expect_problem(404, "no-such-route");
    }
}

#[test]
fn docs_page_has_a_strict_content_security_policy() {
    let service = PersonService::start();
    let page = service.anonymous().get("/docs").expect(200).text();
    for (path, kind) in
        [("/docs", "text/html"), ("/docs/page.css", "text/css"), ("/docs/page.js", "text/javascript")]
    {
        let file = service.anonymous().get(path).expect(200);
        assert_eq!(file.header("content-type"), Some(format!("{kind}; charset=utf-8").as_str()));
        assert!(
            path == "/docs" || page.contains(&format!("\"{}\"", &path[1..])),
            "the page does not load {path}"
        );
        let policy = file.header("content-security-policy").expect("a policy");
        for directive in
            ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]
        {
            assert!(policy.split("; ").any(|given| given == directive), "{directive} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[test]
fn every_script_that_the_docs_page_imports_is_served() {
    let service = PersonService::start();
    let mut scripts = vec!["page.js".to_owned()];
    let mut read = 0;
    while let Some(name) = scripts.get(read).cloned() {
        read += 1;
        let script = service.anonymous().get(&format!("/docs/{name}")).expect(200).text();
        for import in script.split(" from './").skip(1) {
            let import = import.split('\'').next().expect("a name").to_owned();
            if !scripts.contains(&import) {
                scripts.push(import);
            }
        }
    }
    assert!(scripts.len() > 5, "{scripts:?}");
    service.anonymous().get("/docs/nothing.js").expect_problem(404, "no-such-route");
}

#[test]
fn requests_are_counted_by_route_template() {
    let service = PersonService::start();
    let before = requests(&service, "POST", "/persons", 201);
    for name in ["Ada", "Bob", "Eve"] {
        let path = format!("/persons/{}", service.create(name));
        let _ = service.ada().get(&path).expect(200);
        let _ = service.ada().call("HEAD", &path).send().expect(200);
    }
    service.ada().get("/persons/4711471147114711471").expect_problem(404, "no-such-person");
    service.ada().get("/nothing/4711471147114711471").expect_problem(404, "no-such-route");
    service
        .ada()
        .call("PATCH", "/persons/4711471147114711471")
        .send()
        .expect_problem(405, "method-not-allowed");
    service
        .ada()
        .call("BREW", "/persons/4711471147114711471")
        .send()
        .expect_problem(405, "method-not-allowed");
    assert!((requests(&service, "POST", "/persons", 201) - before - 3.0).abs() < 0.1);
    for (method, route, status, count) in [
        ("GET", "/persons/{id}", 200, 3.0),
        ("HEAD", "/persons/{id}", 200, 3.0),
        ("GET", "/persons/{id}", 404, 1.0),
        ("GET", "unmatched", 404, 1.0),
        ("PATCH", "/persons/{id}", 405, 1.0),
        ("other", "/persons/{id}", 405, 1.0),
    ] {
        let counted = requests(&service, method, route, status);
        assert!((counted - count).abs() < 0.1, "{method} {route} {status}: {counted}");
    }
    let page = service.anonymous().get("/metrics").text();
    for secret in ["4711471147114711471", "/persons/1", "Ada", "ada"] {
        assert!(!page.contains(secret), "{secret} in {page}");
    }
}

#[test]
fn metrics_page_has_the_documented_series() {
    let service = PersonService::start();
    service.create("Ada");
    let answer = service.anonymous().get("/metrics").expect(200);
    assert!(answer.header("content-type").is_some_and(|value| value.contains("openmetrics-text")));
    assert!(answer.text().ends_with("# EOF\n"));
    for (series, least) in [
        ("http_request_duration_seconds_count{method=\"POST\",route=\"/persons\"}", 1.0),
        ("http_request_duration_seconds_sum{method=\"POST\",route=\"/persons\"}", 0.0),
        ("http_request_duration_seconds_bucket{le=\"+Inf\",method=\"POST\",route=\"/persons\"}", 1.0),
        ("http_requests_in_flight", 1.0),
        ("store_writes_total", 1.0),
        ("store_commit_seconds_count", 1.0),
        #[cfg(target_os = "linux")]
        ("process_resident_memory_bytes", 1_000_000.0),
        ("process_start_time_seconds", 1_700_000_000.0),
    ] {
        let value = sample(&service, series);
        assert!(value.is_some_and(|value| value >= least), "{series}: {value:?}\n{}", answer.text());
    }
}

#[test]
fn openapi_document_names_the_served_routes() {
    let service = PersonService::start();
    let answer = service.anonymous().get("/openapi.json").expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document = answer.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    assert_eq!(document["info"]["version"], person::VERSION);
    assert_documents(&document, person::routes::ROUTES, &chassis::Settings::default());
}

#[test]
fn openapi_document_has_every_field_of_an_answer() {
    let service = PersonService::start();
    let document = service.anonymous().get("/openapi.json").expect(200).json();
    let ada = service.ada();
    let created = ada.post("/persons", &body("Ada")).expect(201).json();
    let path = format!("/persons/{}", created["id"]);
    let mut answers = vec![
        ("createPerson", created),
        ("listPersons", service.list()),
        ("readPerson", ada.get(&path).expect(200).json()),
        ("renamePerson", ada.put(&path, &body("Eve")).expect(200).json()),
    ];
    let _ = ada.delete(&path).expect(204);
    answers.push(("listDeletions", service.health().get("/persons/deleted").expect(200).json()));
    assert_answers(&document, &answers);
    assert_describes(&document, "Index", &service.anonymous().get("/").expect(200).json());
}
