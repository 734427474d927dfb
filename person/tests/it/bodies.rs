//! Request bodies: how they are read, and how they are refused.

use serde_json::{Value, json};
use testkit::{Answer, Call};

use crate::service::{PersonService, post_head};

const LIMIT: usize = 64 * 1024;

fn call(service: &PersonService) -> Call {
    service.ada().call("POST", "/persons").header("Content-Type", "application/json")
}

fn post(service: &PersonService, body: impl Into<Vec<u8>>) -> Answer {
    call(service).body(body).send()
}

/// The `errors` of a 422.
fn errors(answer: &Answer) -> Vec<Value> {
    answer.json()["errors"].as_array().expect("errors").clone()
}

/// A valid body of exactly this many bytes.
fn body_of(length: usize) -> String {
    let body = json!({"name": "Ada"}).to_string();
    format!("{body}{}", " ".repeat(length - body.len()))
}

#[test]
fn body_that_is_not_application_json_is_415() {
    let service = PersonService::start();
    let post_as = |media_types: &[&str]| {
        let call = service.ada().call("POST", "/persons");
        let call = media_types.iter().fold(call, |call, value| call.header("Content-Type", value));
        call.body(r#"{"name":"Ada"}"#).send()
    };
    for media_types in [
        &[][..],
        &[""],
        &["text/plain"],
        &["application/x-www-form-urlencoded"],
        &["application/jsonp"],
        &["application/problem+json"],
        &["application/merge-patch+json"],
        &["application/json; charset=iso-8859-1"],
        &["application/json", "application/json"],
    ] {
        let answer = post_as(media_types).expect_problem(415, "unsupported-media-type");
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains("Content-Type: application/json"), "{media_types:?}: {detail}");
    }
    for charset in ["iso-8859-1", "utf8", "\"UTF-16\""] {
        let answer = post_as(&[&format!("application/json; charset={charset}")]).expect(415);
        let detail = answer.json()["detail"].to_string();
        let named = charset.trim_matches('"');
        assert!(detail.contains(&format!("The charset `{named}` is not accepted")), "{detail}");
    }
    assert_eq!(service.list(), json!([]));
    for media_type in [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
    ] {
        let _ = post_as(&[media_type]).expect(201);
    }
}

#[test]
fn encoded_body_is_415_with_accept_encoding() {
    let service = PersonService::start();
    let post =
        |coding: &str| call(&service).header("Content-Encoding", coding).body("{\"name\":\"Ada\"}").send();
    for coding in ["gzip", "br", "identity, gzip", ""] {
        let answer = post(coding).expect_problem(415, "unsupported-media-type");
        assert_eq!(answer.header("accept-encoding"), Some("identity"));
        assert!(answer.json()["detail"].to_string().contains("Content-Encoding"));
    }
    let _ = post("identity").expect(201);
}

#[test]
fn body_in_latin_1_is_told_about_utf_8() {
    let service = PersonService::start();
    let answer = post(&service, b"{\"name\":\"Ren\xe9\"}").expect_problem(400, "malformed-json");
    assert_eq!(answer.json()["detail"], "The body is not UTF-8: byte 13 is none of its characters.");
}

/// `crates/chassis` tests more of them.
#[test]
fn body_that_is_not_a_json_object_is_400() {
    let service = PersonService::start();
    let too_deep = format!("{{\"name\":{}{}}}", "[".repeat(16), "]".repeat(16));
    let with_bom = "\u{feff}{\"name\":\"Ada\"}";
    for body in ["", "{", "name=Ada", "[{}]", "\"Ada\"", "null", "{\"a\":1,}", with_bom, &too_deep] {
        let answer = post(&service, body);
        assert_eq!(answer.status, 400, "{body}");
        answer.expect_problem(400, "malformed-json");
    }
}

#[test]
fn all_field_errors_are_reported_at_once() {
    let service = PersonService::start();
    let body = r#"{"name":7,"name":8,"id":1,"owner":"eve","a/b~":null,"nested":{"x":1,"x":2}}"#;
    let answer = post(&service, body).expect_problem(422, "invalid-fields");
    let mut pointers = answer.pointers();
    pointers.sort();
    assert_eq!(pointers, ["/a~1b~0", "/id", "/name", "/name", "/nested", "/nested/x", "/owner"]);
    for error in errors(&answer) {
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{error}");
        assert_eq!(error.as_object().map(serde_json::Map::len), Some(2), "{error}");
    }
}

#[test]
fn wrong_field_is_422_with_its_pointer() {
    let service = PersonService::start();
    for (body, pointer, word) in [
        ("{}", "/name", "required"),
        (r#"{"name":null}"#, "/name", "null"),
        (r#"{"name":7}"#, "/name", "number"),
        (r#"{"name":true}"#, "/name", "boolean"),
        (r#"{"name":["Ada"]}"#, "/name", "array"),
        (r#"{"name":{}}"#, "/name", "object"),
        (r#"{"name":1e400}"#, "/name", "large"),
        (r#"{"name":"Ada","name":"Ada"}"#, "/name", "twice"),
        (r#"{"name":"Ada","n\u0061me":"Bob"}"#, "/name", "twice"),
        (r#"{"name":"Ada","id":7}"#, "/id", "generates"),
        (r#"{"name":"Ada","Name":"Bob"}"#, "/Name", "unknown"),
        (r#"{"name":"Ada","":1}"#, "/", "unknown"),
    ] {
        let answer = post(&service, body);
        assert_eq!(answer.status, 422, "{body}");
        let errors = errors(&answer);
        assert_eq!(errors.len(), 1, "{body}: {errors:?}");
        assert_eq!(errors[0]["pointer"], pointer, "{body}");
        assert!(errors[0]["detail"].to_string().contains(word), "{body}: {}", errors[0]);
    }
    assert_eq!(service.list(), json!([]));
}

#[test]
fn put_body_is_parsed_as_strictly_as_post() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let put = |body: &str| {
        service.ada().call("PUT", &path).header("Content-Type", "application/json").body(body).send()
    };
    put("[]").expect_problem(400, "malformed-json");
    let answer = put(r#"{"id":1,"name":" "}"#).expect_problem(422, "invalid-fields");
    assert_eq!(answer.pointers(), ["/name", "/id"]);
    service.ada().call("PUT", &path).body("{}").send().expect_problem(415, "unsupported-media-type");
    assert_eq!(service.ada().get(&path).json()["name"], "Ada");
}

#[test]
fn body_over_64_kib_is_413() {
    let service = PersonService::start();
    let _ = post(&service, body_of(LIMIT)).expect(201);
    post(&service, body_of(LIMIT + 1)).expect_problem(413, "body-too-large");
    let _ = call(&service).chunked(body_of(LIMIT)).send().expect(201);
    for length in [LIMIT + 1, 4 * LIMIT] {
        call(&service).chunked(body_of(length)).send().expect_problem(413, "body-too-large");
    }
    assert_eq!(service.list().as_array().map(Vec::len), Some(2));
}

#[test]
fn content_length_over_64_kib_is_413_before_the_body() {
    let service = PersonService::start();
    for length in ["65537", "1000000000000", "18446744073709551613"] {
        // The head alone: a service that waited for the body would never answer.
        call(&service).header("Content-Length", length).send().expect_problem(413, "body-too-large");
    }
}

#[test]
fn endless_chunked_body_is_413_while_it_arrives() {
    let service = PersonService::start();
    let mut wire = service.connect();
    wire.send(format!("{}Transfer-Encoding: chunked\r\n\r\n", post_head()));
    for _ in 0..70 {
        wire.send(format!("400\r\n{}\r\n", " ".repeat(1024)));
    }
    wire.answer().expect_problem(413, "body-too-large");
    let _ = wire.rest();
}

#[test]
fn body_of_get_and_delete_is_ignored() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let _ = service.ada().call("GET", &path).body("not json").send().expect(200);
    let _ = service.ada().call("DELETE", &path).body("not json").send().expect(204);
}
