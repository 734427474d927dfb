//! What every service answers without a token, as far as it is of health.

use serde_json::Value;
use testkit::Say;

use crate::lab::{Lab, path, record};

#[test]
fn the_index_links_to_every_route_and_the_open_ones_answer_without_person() {
    let lab = Lab::new();
    lab.person.says(Say::Close);
    let index = lab.anybody().get("/").expect(200).json();
    let links = index["links"].as_array().expect("links");
    let named =
        |method: &str, href: &str| links.iter().any(|link| link["method"] == method && link["href"] == href);
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(named(method, "/health/{person_id}"), "{method} in {index}");
    }
    for path in ["/", "/vitals", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems"] {
        assert!(named("GET", path), "{path} in {index}");
        let _ = lab.anybody().get(path).expect(200);
    }
    assert_eq!(lab.person.lookups().len(), 0);
}

#[test]
fn each_problem_of_health_has_a_page_that_explains_it() {
    let lab = Lab::new();
    let all = lab.anybody().get("/problems").expect(200).text();
    for (slug, status) in [
        ("no-such-person", 404),
        ("no-health-record", 404),
        ("health-record-exists", 409),
        ("person-unreachable", 503),
        ("person-timeout", 504),
        ("person-broken", 502),
        ("too-busy", 503),
        ("disk-full", 507),
    ] {
        assert!(all.contains(&format!("/problems/{slug} ")), "{slug} in {all}");
        let page = lab.anybody().get(&format!("/problems/{slug}")).expect(200);
        assert!(
            page.text().lines().next().expect("a title").ends_with(&format!("({status})")),
            "{}",
            page.text()
        );
    }
}

#[test]
fn the_metrics_count_lookups_by_outcome_and_writes_and_carry_no_ids() {
    let lab = Lab::new();
    let id = 987_654_321;
    let _ = lab.ada().post(&path(id), &record()).expect(201);
    let _ = lab.ada().get(&path(id)).expect(200);
    for (says, times) in [(Say::status(404), 1), (Say::Close, 2), (Say::status(500), 3)] {
        lab.person.says(says);
        (0..times).for_each(|_| drop(lab.ada().get(&path(id))));
    }
    let metrics = lab.anybody().get("/metrics").expect(200).text();
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
    let length = format!("store_log_bytes {}\n", lab.content().len());
    assert!(metrics.contains(&length), "{length} in {metrics}");
    assert!(!metrics.contains(&id.to_string()));
}

#[test]
fn every_answer_carries_the_standard_headers() {
    let lab = Lab::new();
    lab.person.says_next([Say::Person, Say::Person, Say::status(404), Say::Close]);
    let answers = [
        lab.ada().post(&path(7), &record()).expect(201),
        lab.ada().get(&path(7)).expect(200),
        lab.ada().get(&path(7)).expect(404),
        lab.anybody().get("/vitals").expect(200),
        lab.anybody().get(&path(7)).expect(401),
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("traceparent").is_some_and(|value| value.len() == 55));
        assert!(answer.header("server-timing").is_some_and(|value| value.starts_with("total;dur=")));
        if answer.status >= 400 {
            let problem = answer.json();
            assert_eq!(problem["instance"], path(7));
            assert!(
                answer
                    .header("traceparent")
                    .expect("one")
                    .contains(problem["trace_id"].as_str().expect("text"))
            );
        }
    }
    let unknown: Value = lab.anybody().get("/nowhere").expect_problem(404, "no-such-route").json();
    assert_eq!(unknown["instance"], "/nowhere");
}
