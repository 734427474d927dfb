//! What is read as a body, and what is said where it cannot be.

use serde_json::{Value, json};
use testkit::Answer;

use crate::lab::{Lab, errors, post_head};

const LIMIT: usize = 64 * 1024;

fn post_as(lab: &Lab, media_type: &[&str], body: impl Into<Vec<u8>>) -> Answer {
    let call = lab.ada().call("POST", "/persons");
    media_type.iter().fold(call, |call, value| call.header("Content-Type", value)).body(body).send()
}

fn post(lab: &Lab, body: impl Into<Vec<u8>>) -> Answer {
    post_as(lab, &["application/json"], body)
}

/// A body of exactly this many bytes.
fn body_of(length: usize) -> String {
    let body = json!({"name": "Ada"}).to_string();
    format!("{body}{}", " ".repeat(length - body.len()))
}

#[test]
fn a_body_of_another_media_type_is_415_and_told_which_header_to_send() {
    let lab = Lab::new();
    for media_type in [
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
        let answer =
            post_as(&lab, media_type, r#"{"name":"Ada"}"#).expect_problem(415, "unsupported-media-type");
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains("Content-Type: application/json"), "{media_type:?}: {detail}");
    }
    assert_eq!(lab.ada().get("/persons").json(), json!([]));
}

#[test]
fn json_may_be_spelled_in_any_case_and_name_its_charset() {
    let lab = Lab::new();
    for media_type in [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
    ] {
        let _ = post_as(&lab, &[media_type], r#"{"name":"Ada"}"#).expect(201);
    }
}

#[test]
fn what_is_no_json_object_is_400() {
    let lab = Lab::new();
    let deep = format!("{{\"name\":{}{}}}", "[".repeat(16), "]".repeat(16));
    let bodies: Vec<&[u8]> = vec![
        b"",
        b" ",
        b"{",
        b"name=Ada",
        b"{'name':'Ada'}",
        b"{\"name\":\"Ada\"} x",
        b"{\"name\":\"Ada\",}",
        b"\xEF\xBB\xBF{\"name\":\"Ada\"}",
        b"{\"name\":\"\xFF\"}",
        b"{\"name\":\"\\ud800\"}",
        b"[]",
        b"[{\"name\":\"Ada\"}]",
        b"\"Ada\"",
        b"1",
        b"null",
        deep.as_bytes(),
    ];
    for body in bodies {
        let answer = post(&lab, body);
        assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(body));
        answer.expect_problem(400, "malformed-json");
    }
}

#[test]
fn everything_wrong_with_the_fields_is_told_at_once() {
    let lab = Lab::new();
    let body = r#"{"name":7,"name":8,"id":1,"owner":"eve","a/b~":null,"nested":{"x":1,"x":2}}"#;
    let answer = post(&lab, body).expect_problem(422, "invalid-fields");
    let mut pointers = answer.pointers();
    pointers.sort();
    assert_eq!(pointers, ["/a~1b~0", "/id", "/name", "/name", "/nested", "/nested/x", "/owner"]);
    for error in errors(&answer) {
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{error}");
        assert_eq!(error.as_object().map(serde_json::Map::len), Some(2), "{error}");
    }
}

#[test]
fn a_wrong_field_is_pointed_at_and_nothing_is_made() {
    let lab = Lab::new();
    let rows = [
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
    ];
    for (body, pointer, word) in rows {
        let answer = post(&lab, body);
        assert_eq!(answer.status, 422, "{body}");
        let errors: Vec<Value> = errors(&answer);
        assert_eq!(errors.len(), 1, "{body}: {errors:?}");
        assert_eq!(errors[0]["pointer"], pointer, "{body}");
        assert!(errors[0]["detail"].to_string().contains(word), "{body}: {}", errors[0]);
    }
    assert_eq!(lab.ada().get("/persons").json(), json!([]));
}

#[test]
fn a_rename_is_read_as_strictly_as_a_creation() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let put = |body: &str| {
        lab.ada().call("PUT", &path).header("Content-Type", "application/json").body(body).send()
    };
    put("[]").expect_problem(400, "malformed-json");
    assert_eq!(
        put(r#"{"id":1,"name":" "}"#).expect_problem(422, "invalid-fields").pointers(),
        ["/name", "/id"]
    );
    lab.ada().call("PUT", &path).body("{}").send().expect_problem(415, "unsupported-media-type");
    assert_eq!(lab.ada().get(&path).json()["name"], "Ada");
}

#[test]
fn sixty_four_kibibytes_are_read_and_one_byte_more_is_413() {
    let lab = Lab::new();
    let _ = post(&lab, body_of(LIMIT)).expect(201);
    post(&lab, body_of(LIMIT + 1)).expect_problem(413, "body-too-large");
}

#[test]
fn too_large_a_body_is_told_from_its_announced_length_before_a_byte_of_it_came() {
    let lab = Lab::new();
    for length in ["65537", "1000000000000", "18446744073709551613"] {
        let call = lab.ada().call("POST", "/persons").header("Content-Type", "application/json");
        // The head alone: whoever waited for the body would never answer.
        call.header("Content-Length", length).send().expect_problem(413, "body-too-large");
    }
}

#[test]
fn a_chunked_body_is_read_and_cut_at_the_limit() {
    let lab = Lab::new();
    let chunked = |body: &str| {
        let call = lab.ada().call("POST", "/persons").header("Content-Type", "application/json");
        call.chunked(body).send()
    };
    let _ = chunked(&body_of(LIMIT)).expect(201);
    chunked(&body_of(LIMIT + 1)).expect_problem(413, "body-too-large");
    chunked(&body_of(4 * LIMIT)).expect_problem(413, "body-too-large");
    assert_eq!(lab.ada().get("/persons").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn an_endless_chunked_body_is_answered_while_it_still_comes() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    wire.send(format!("{}Transfer-Encoding: chunked\r\n\r\n", post_head()));
    for _ in 0..70 {
        wire.send(format!("400\r\n{}\r\n", " ".repeat(1024)));
    }
    wire.answer().expect_problem(413, "body-too-large");
    let _ = wire.rest();
}

#[test]
fn a_body_where_none_is_wanted_is_not_looked_at() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let _ = lab.ada().call("GET", &path).body("not json").send().expect(200);
    let _ = lab.ada().call("DELETE", &path).body("not json").send().expect(204);
}
