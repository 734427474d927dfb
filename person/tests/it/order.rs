//! The order of checks: path, method, token, query and body, person, precondition.

use serde_json::json;
use testkit::tokens;

use crate::service::PersonService;

/// The first request has every kind of error; each following one corrects the error that was answered before.
#[test]
fn first_error_in_the_order_is_answered() {
    let service = PersonService::start();
    let person = format!("/persons/{}", service.create("Ada"));
    let unknown = "/persons/4711";
    let (bob, ada) = (tokens::user("bob"), tokens::user("ada"));
    let over = " ".repeat(64 * 1024 + 1);
    let good = json!({"name": "Eve"}).to_string();
    let json = "application/json";
    for (method, path, token, media_type, body, status, slug) in [
        ("BREW", "/nothing?x=1", "bad", "text/plain", &over[..], 404, "no-such-route"),
        ("BREW", "/persons/x?x=1", "bad", "text/plain", &over, 404, "no-such-person"),
        ("BREW", "/persons/4711?x=1", "bad", "text/plain", &over, 405, "method-not-allowed"),
        ("PUT", "/persons/4711?x=1", "bad", "text/plain", &over, 401, "invalid-token"),
        ("PUT", "/persons/4711?x=1", &bob, "text/plain", &over, 400, "bad-query"),
        ("PUT", unknown, &bob, "text/plain", &over, 415, "unsupported-media-type"),
        ("PUT", unknown, &bob, json, &over, 413, "body-too-large"),
        ("PUT", unknown, &bob, json, "{", 400, "malformed-json"),
        ("PUT", unknown, &bob, json, "{}", 422, "invalid-fields"),
        ("PUT", unknown, &bob, json, &good, 404, "no-such-person"),
        ("PUT", &person, &bob, json, &good, 403, "insufficient-scope"),
        ("PUT", &person, &ada, json, &good, 412, "precondition-failed"),
    ] {
        let call = service.anonymous().with_token(token).call(method, path).header("If-Match", "\"999\"");
        let answer = call.header("Content-Type", media_type).body(body).send();
        assert_eq!(answer.status, status, "{method} {path} {media_type}: {}", answer.text());
        answer.expect_problem(status, slug);
    }
    assert_eq!(service.ada().get(&person).json()["name"], "Ada");
    service.ada().get("/persons/deleted?x=1").expect_problem(403, "insufficient-scope");
}
