//! The routes that every service answers without a token, and the parts of them that are specific to health.

use health::problems::TYPES;
use testkit::Response;

use crate::harness::{HealthService, path, record};

#[test]
fn index_lists_all_routes_and_public_ones_need_no_person() {
    let health = HealthService::new();
    health.person.says(Response::Close);
    let index = health.anybody().get("/").expect(200).json();
    let links = index["links"].as_array().expect("links");
    let named =
        |method: &str, href: &str| links.iter().any(|link| link["method"] == method && link["href"] == href);
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(named(method, "/health/{person_id}"), "{method} in {index}");
    }
    for path in ["/", "/vitals", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems"] {
        assert!(named("GET", path), "{path} in {index}");
        let _ = health.anybody().get(path).expect(200);
    }
    assert_eq!(health.person.lookups().len(), 0);
}

#[test]
fn each_problem_type_has_a_page() {
    let health = HealthService::new();
    let all = health.anybody().get("/problems").expect(200).text();
    for problem in TYPES {
        let (slug, status) = (problem.slug, problem.status);
        assert!(all.contains(&format!("/problems/{slug} ")), "{slug} in {all}");
        let page = health.anybody().get(&format!("/problems/{slug}")).expect(200).text();
        assert!(page.lines().next().expect("a title").ends_with(&format!("({status})")), "{page}");
    }
}

#[test]
fn metrics_count_lookups_and_writes_without_ids() {
    let health = HealthService::on_file();
    let id = 987_654_321;
    let _ = health.ada().post(&path(id), &record()).expect(201);
    let _ = health.ada().get(&path(id)).expect(200);
    for (says, times) in [(Response::status(404), 1), (Response::Close, 2), (Response::status(500), 3)] {
        health.person.says(says);
        (0..times).for_each(|_| drop(health.ada().get(&path(id))));
    }
    let metrics = health.anybody().get("/metrics").expect(200).text();
    for line in [
        "person_lookups_total{outcome=\"exists\"} 2\n",
        "person_lookups_total{outcome=\"missing\"} 1\n",
        "person_lookups_total{outcome=\"unreachable\"} 2\n",
        "person_lookups_total{outcome=\"broken\"} 3\n",
        "person_lookup_seconds_count 8\n",
        "store_writes_total 1\n",
        "http_requests_total{method=\"POST\",route=\"/health/{person_id}\",status=\"201\"} 1\n",
        "http_requests_total{method=\"GET\",route=\"/health/{person_id}\",status=\"503\"} 2\n",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    let length = format!("store_log_bytes {}\n", health.content().len());
    assert!(metrics.contains(&length), "{length} in {metrics}");
    assert!(!metrics.contains(&id.to_string()));
}
