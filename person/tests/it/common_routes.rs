//! The routes that every service answers, without a token.

use serde_json::json;
use testkit::openapi::assert_documents;

use crate::lab::Lab;

/// The value of a sample of `/metrics`, by its name and labels as the page writes them.
fn sample(lab: &Lab, series: &str) -> Option<f64> {
    let page = lab.anybody().get("/metrics").expect(200).text();
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ').map(str::to_owned));
    line.map(|value| value.parse().expect("a number"))
}

fn requests(lab: &Lab, method: &str, route: &str, status: u16) -> f64 {
    let series = format!("http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
    sample(lab, &series).unwrap_or(0.0)
}

#[test]
fn the_index_names_the_service_and_links_to_every_route() {
    let lab = Lab::new();
    let answer = lab.anybody().get("/").expect(200);
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
        let path = link["href"].as_str().expect("a path").replace("{id}", "1").replace("{slug}", "internal");
        let status = lab.anybody().call(link["method"].as_str().expect("a method"), &path).send().status;
        assert!([200, 401].contains(&status), "{link} answers {status}");
    }
}

#[test]
fn the_probes_say_that_it_lives_and_is_ready() {
    let lab = Lab::new();
    assert_eq!(lab.anybody().get("/livez").expect(200).text(), "live\n");
    assert_eq!(lab.anybody().get("/readyz").expect(200).text(), "ready\n");
}

#[test]
fn every_kind_of_problem_is_listed_and_has_a_page_that_explains_it() {
    let lab = Lab::new();
    let list = lab.anybody().get("/problems").expect(200);
    assert_eq!(list.header("content-type"), Some("text/plain; charset=utf-8"));
    let list = list.text();
    let mut slugs = std::collections::BTreeSet::new();
    for line in list.lines() {
        let mut words = line.split_whitespace();
        let path = words.next().expect("a path");
        let status = words.next().expect("a status");
        let title = words.collect::<Vec<_>>().join(" ");
        let page = lab.anybody().get(path).expect(200).text();
        assert!(page.starts_with(&format!("{title} ({status})\n\n")), "{page}");
        assert!(page.lines().count() >= 3 && page.len() > title.len() + 30, "{page}");
        assert!(slugs.insert(path.trim_start_matches("/problems/").to_owned()), "{path} is listed twice");
    }
    for slug in
        ["no-such-person", "no-such-route", "missing-token", "invalid-fields", "disk-full", "internal"]
    {
        assert!(slugs.contains(slug), "{slug} is not listed");
    }
    for nobody in ["no-health-record", "nothing", "NO-SUCH-PERSON", "no-such"] {
        lab.anybody().get(&format!("/problems/{nobody}")).expect_problem(404, "no-such-route");
    }
}

#[test]
fn the_page_to_try_routes_on_is_three_files_under_a_strict_policy() {
    let lab = Lab::new();
    let page = lab.anybody().get("/docs").expect(200).text();
    for (path, kind) in
        [("/docs", "text/html"), ("/docs/page.css", "text/css"), ("/docs/page.js", "text/javascript")]
    {
        let file = lab.anybody().get(path).expect(200);
        assert_eq!(file.header("content-type"), Some(format!("{kind}; charset=utf-8").as_str()));
        assert!(path == "/docs" || page.contains(&format!("\"{path}\"")), "the page does not load {path}");
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
fn requests_are_counted_by_route_template_and_never_by_id() {
    let lab = Lab::new();
    let before = requests(&lab, "POST", "/persons", 201);
    for name in ["Ada", "Bob", "Eve"] {
        let path = format!("/persons/{}", lab.create(name));
        let _ = lab.ada().get(&path).expect(200);
        let _ = lab.ada().call("HEAD", &path).send().expect(200);
    }
    lab.ada().get("/persons/4711471147114711471").expect_problem(404, "no-such-person");
    lab.ada().get("/nothing/4711471147114711471").expect_problem(404, "no-such-route");
    lab.ada().call("PATCH", "/persons/4711471147114711471").send().expect_problem(405, "method-not-allowed");
    lab.ada().call("BREW", "/persons/4711471147114711471").send().expect_problem(405, "method-not-allowed");
    assert!((requests(&lab, "POST", "/persons", 201) - before - 3.0).abs() < 0.1);
    for (method, route, status, count) in [
        ("GET", "/persons/{id}", 200, 3.0),
        ("HEAD", "/persons/{id}", 200, 3.0),
        ("GET", "/persons/{id}", 404, 1.0),
        ("GET", "unmatched", 404, 1.0),
        ("PATCH", "/persons/{id}", 405, 1.0),
        ("other", "/persons/{id}", 405, 1.0),
    ] {
        let counted = requests(&lab, method, route, status);
        assert!((counted - count).abs() < 0.1, "{method} {route} {status}: {counted}");
    }
    let page = lab.anybody().get("/metrics").text();
    for secret in ["4711471147114711471", "/persons/1", "Ada", "ada"] {
        assert!(!page.contains(secret), "{secret} in {page}");
    }
}

#[test]
fn the_metrics_page_holds_what_an_operator_needs() {
    let lab = Lab::new();
    lab.create("Ada");
    let answer = lab.anybody().get("/metrics").expect(200);
    assert!(answer.header("content-type").is_some_and(|value| value.contains("openmetrics-text")));
    assert!(answer.text().ends_with("# EOF\n"));
    for (series, least) in [
        ("http_request_duration_seconds_count{method=\"POST\",route=\"/persons\"}", 1.0),
        ("http_request_duration_seconds_sum{method=\"POST\",route=\"/persons\"}", 0.0),
        ("http_request_duration_seconds_bucket{le=\"+Inf\",method=\"POST\",route=\"/persons\"}", 1.0),
        ("http_requests_in_flight", 1.0),
        ("store_writes_total", 1.0),
        ("store_commit_seconds_count", 1.0),
        ("process_resident_memory_bytes", 1_000_000.0),
        ("process_start_time_seconds", 1_700_000_000.0),
    ] {
        let value = sample(&lab, series);
        assert!(value.is_some_and(|value| value >= least), "{series}: {value:?}\n{}", answer.text());
    }
}

#[test]
fn the_openapi_document_names_the_routes_that_are_served() {
    let lab = Lab::new();
    let answer = lab.anybody().get("/openapi.json").expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document = answer.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    assert_eq!(document["info"]["version"], person::VERSION);
    assert_documents(&document, person::routes::ROUTES);
}
