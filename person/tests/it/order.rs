//! One order everywhere: path, method, token, query and body, person, precondition.

use serde_json::json;
use testkit::tokens;

use crate::lab::Lab;

/// A request with a fault of every kind; each row mends the one that the row before was answered for.
#[test]
fn the_first_fault_in_the_order_is_the_one_that_is_answered() {
    let lab = Lab::new();
    let id = lab.create("Ada");
    let (person, nobody) = (format!("/persons/{id}"), "/persons/4711".to_owned());
    let (bob, ada) = (tokens::user("bob"), tokens::user("ada"));
    let over = " ".repeat(64 * 1024 + 1);
    let good = json!({"name": "Eve"}).to_string();
    let json = "application/json";
    let rows = [
        ("BREW", "/nothing?x=1", "bad", "text/plain", &over[..], 404, "no-such-route"),
        ("BREW", "/persons/x?x=1", "bad", "text/plain", &over, 404, "no-such-person"),
        ("BREW", "/persons/4711?x=1", "bad", "text/plain", &over, 405, "method-not-allowed"),
        ("PUT", "/persons/4711?x=1", "bad", "text/plain", &over, 401, "invalid-token"),
        ("PUT", "/persons/4711?x=1", &bob, "text/plain", &over, 400, "bad-query"),
        ("PUT", &nobody, &bob, "text/plain", &over, 415, "unsupported-media-type"),
        ("PUT", &nobody, &bob, json, &over, 413, "body-too-large"),
        ("PUT", &nobody, &bob, json, "{", 400, "malformed-json"),
        ("PUT", &nobody, &bob, json, "{}", 422, "invalid-fields"),
        ("PUT", &nobody, &bob, json, &good, 404, "no-such-person"),
        ("PUT", &person, &bob, json, &good, 403, "insufficient-scope"),
        ("PUT", &person, &ada, json, &good, 412, "precondition-failed"),
    ];
    for (method, path, token, media_type, body, status, slug) in rows {
        let call = lab.anybody().with_token(token).call(method, path).header("If-Match", "\"999\"");
        let answer = call.header("Content-Type", media_type).body(body).send();
        assert_eq!(answer.status, status, "{method} {path} {media_type}: {}", answer.text());
        answer.expect_problem(status, slug);
    }
    assert_eq!(lab.ada().get(&person).json()["name"], "Ada");
}

#[test]
fn a_right_that_the_token_does_not_give_is_told_before_the_query() {
    let lab = Lab::new();
    lab.ada().get("/persons/deleted?x=1").expect_problem(403, "insufficient-scope");
}
