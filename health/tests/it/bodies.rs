//! The checks before the lookup of the person: path, method, token, query and body. A request that fails one of
//! them is answered without a lookup.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::{Answer, Client, Response};

use crate::harness::{HealthService, OPERATIONS, operate, record};

/// Checks that a call is answered without a lookup, and changes nothing.
#[track_caller]
fn refused_unasked(health: &HealthService, what: &str, call: impl Fn(&Client) -> Answer) -> Answer {
    health.person.says(Response::status(404));
    let answer = health.changing_nothing(call);
    assert_eq!(health.person.lookups().len(), 0, "person was asked: {what}");
    answer
}

#[test]
fn invalid_id_is_404_without_a_lookup() {
    let health = HealthService::new();
    let ids = "0 -1 +1 01 007 1.0 1e3 x 1x 9223372036854775808 99999999999999999999 _ 1%20 deleted";
    for id in ids.split(' ') {
        for method in OPERATIONS {
            let answer = refused_unasked(&health, id, |ada| {
                ada.call(method, &format!("/health/{id}")).json(&record()).send()
            });
            assert_eq!(answer.status, 404, "{method} {id}: {}", answer.text());
            if *method != "HEAD" && !id.contains('%') {
                answer.expect_problem(404, "no-such-person");
            }
        }
    }
}

#[test]
fn unknown_path_or_method_takes_no_lookup() {
    let health = HealthService::new();
    for path in
        ["/health", "/health/", "/health/7/", "//health/7", "/health/7/weight", "/Health/7", "/health/./7"]
    {
        let answer = refused_unasked(&health, path, |ada| ada.get(path));
        answer.expect_problem(404, "no-such-route");
    }
    for method in ["OPTIONS", "LINK"] {
        let answer = refused_unasked(&health, method, |ada| ada.call(method, "/health/7").send());
        assert_eq!(answer.status, if method == "OPTIONS" { 204 } else { 405 });
        let allow: BTreeSet<&str> = answer.header("allow").expect("a list").split(", ").collect();
        assert_eq!(allow, BTreeSet::from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]));
    }
}

#[test]
fn query_is_400_without_a_lookup() {
    let health = HealthService::new();
    for method in OPERATIONS.iter().filter(|method| **method != "HEAD") {
        let answer = refused_unasked(&health, method, |ada| {
            ada.call(method, "/health/7?force=1").json(&record()).send()
        });
        let problem = answer.expect_problem(400, "bad-query").json();
        assert!(problem["detail"].as_str().expect("text").contains("`force`"), "{problem}");
    }
}

#[test]
fn invalid_body_is_rejected_without_a_lookup() {
    let health = HealthService::new();
    let large = format!("{{\"weight\":70,\"x\":\"{}\"}}", "x".repeat(64 * 1024));
    for (body, status, slug) in [
        ("", 400, "malformed-json"),
        ("{", 400, "malformed-json"),
        ("[]", 400, "malformed-json"),
        ("70", 400, "malformed-json"),
        ("null", 400, "malformed-json"),
        ("\u{feff}{\"weight\":70}", 400, "malformed-json"),
        ("{\"weight\":NaN}", 400, "malformed-json"),
        ("{\"weight\":70}{}", 400, "malformed-json"),
        ("{\"weight\":70,\"weight\":71}", 422, "invalid-fields"),
        ("{\"weight\":true}", 422, "invalid-fields"),
        ("{\"weight\":-1}", 422, "invalid-fields"),
        ("{\"weight\":1e400}", 422, "invalid-fields"),
        ("{\"id\":7,\"weight\":70}", 422, "invalid-fields"),
        (&large, 413, "body-too-large"),
    ] {
        for method in ["POST", "PUT", "PATCH"] {
            let start: String = body.chars().take(40).collect();
            let answer = refused_unasked(&health, &start, |ada| {
                ada.call(method, "/health/7").header("Content-Type", "application/json").body(body).send()
            });
            answer.expect_problem(status, slug);
        }
    }
}

#[test]
fn lookup_comes_before_the_precondition_and_the_operation() {
    let health = HealthService::with_record();
    health.person.says(Response::status(404));
    for method in OPERATIONS.iter().filter(|method| **method != "HEAD") {
        for id in [7, 8] {
            // With a record (409, 412, 422) or without one (404 no-health-record): the lookup comes first.
            let answer = health.changing_nothing(|ada| {
                let call = ada.call(method, &format!("/health/{id}")).header("If-Match", "\"stale\"");
                call.json(&json!({"weight": 70})).send()
            });
            answer.expect_problem(404, "no-such-person");
        }
    }
    let emptying = json!({"weight": null, "height": null, "heart_rate": null, "blood_pressure": null});
    health.changing_nothing(|ada| ada.patch("/health/7", &emptying)).expect_problem(404, "no-such-person");
    health.person.says(Response::Person);
    health.ada().patch("/health/7", &emptying).expect_problem(422, "invalid-fields");
    assert_eq!(operate(&health.ada(), "GET", 7).json(), record());
}
