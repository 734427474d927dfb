//! Bytes on the wire: connections, and the ways of HTTP/1.1 to send a request.

use crate::lab::{LIVE, Lab, post_head};
use serde_json::json;

#[test]
fn a_target_in_absolute_form_is_served() {
    let lab = Lab::new();
    for target in ["http://a/livez", "http://elsewhere:81/livez", "HTTP://a/livez"] {
        let answers = lab.exchange(format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        assert!(answers.starts_with("HTTP/1.1 200 ") && answers.ends_with("live\n"), "{target}: {answers}");
    }
}

#[test]
fn a_connection_carries_one_request_after_another() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    for _ in 0..3 {
        wire.send(LIVE);
        assert_eq!(wire.answer().expect(200).text(), "live\n");
        wire.send(LIVE.replace("GET", "HEAD"));
        let _ = wire.answer_without_body().expect(200);
        wire.send(LIVE.replace("livez", "nothing"));
        wire.answer().expect_problem(404, "no-such-route");
        wire.send(format!("{}Content-Length: 2\r\n\r\n{{}}", post_head()));
        wire.answer().expect_problem(422, "invalid-fields");
        wire.send(LIVE.replace("Host", "Content-Length: 4\r\nHost").to_owned() + "\n\n\r\n");
        let _ = wire.answer().expect(200);
    }
    wire.send(LIVE.replace("Host", "Connection: close\r\nHost"));
    let _ = wire.answer().expect(200);
    wire.expect_closed();
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    let bodies = ["one", "two", "three"].map(|name| format!("{{\"name\":\"{name}\"}}"));
    let posts = bodies.map(|body| format!("{}Content-Length: {}\r\n\r\n{body}", post_head(), body.len()));
    wire.send(format!("{}{LIVE}{}\r\n\r\n{}", posts[0], posts[1], posts[2]));
    assert_eq!(wire.answer().expect(201).json()["name"], "one");
    assert_eq!(wire.answer().expect(200).text(), "live\n");
    assert_eq!(wire.answer().expect(201).json()["name"], "two");
    assert_eq!(wire.answer().expect(201).json()["name"], "three");
}

#[test]
fn a_client_that_has_finished_sending_still_gets_its_answer() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    wire.send(format!("{}Content-Length: 14\r\n\r\n{{\"name\":\"Ada\"}}", post_head()));
    wire.finish_sending();
    let _ = wire.answer().expect(201);
    wire.expect_closed();
}

#[test]
fn a_chunked_body_is_read_and_ends_the_connection() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    let chunks = "7;ext=1\r\n{\"name\"\r\n1\r\n:\r\n6\r\n\"Ada\"}\r\n0\r\nTrailer: x\r\n\r\n";
    wire.send(format!("{}Transfer-Encoding: chunked\r\n\r\n{chunks}", post_head()));
    let answer = wire.answer().expect(201);
    assert_eq!((answer.header("connection"), &answer.json()["name"]), (Some("close"), &"Ada".into()));
    wire.expect_closed();
}

#[test]
fn a_chunked_body_that_is_framed_wrongly_or_breaks_off_is_400() {
    let lab = Lab::new();
    for chunks in [
        "x\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}xx0\r\n\r\n",
        "2\r\n{}\r\n-1\r\n\r\n",
        "fffffffffffffffff\r\n",
        "5\r\n{}",
    ] {
        let mut wire = lab.wire();
        wire.send(format!("{}Transfer-Encoding: chunked\r\n\r\n{chunks}", post_head()));
        wire.finish_sending();
        wire.answer().expect_problem(400, "bad-request");
        let _ = wire.rest();
    }
    assert_eq!(lab.ada().get("/persons").json(), json!([]));
}

#[test]
fn a_body_that_breaks_off_makes_nobody() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    wire.send(format!("{}Content-Length: 99\r\n\r\n{{\"name\":\"Ada\"}}", post_head()));
    wire.finish_sending();
    let _ = wire.answer().expect(400);
    assert_eq!(lab.ada().get("/persons").json(), json!([]));
}

#[test]
fn a_client_that_waits_for_it_is_told_to_send_its_body() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    wire.send(format!("{}Expect: 100-continue\r\nContent-Length: 14\r\n\r\n", post_head()));
    assert_eq!(wire.answer().status, 100);
    wire.send("{\"name\":\"Ada\"}");
    let _ = wire.answer().expect(201);
}

#[test]
fn a_client_that_waits_is_not_asked_for_a_body_that_would_be_refused() {
    let lab = Lab::new();
    let mut wire = lab.wire();
    wire.send(format!("{}Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n", post_head()));
    wire.answer().expect_problem(413, "body-too-large");
    wire.expect_closed();
    let mut wire = lab.wire();
    wire.send("POST /persons HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 14\r\n\r\n");
    wire.answer().expect_problem(401, "missing-token");
    // Whether the body comes after all is unknown, so nothing that comes may be taken for a request.
    wire.expect_closed();
}

#[test]
fn http_1_0_is_answered_and_closes_unless_asked_to_stay() {
    let lab = Lab::new();
    let answers = lab.exchange("GET /livez HTTP/1.0\r\nHost: a\r\n\r\n");
    assert!(answers.contains(" 200 ") && answers.ends_with("live\n"), "{answers}");
    let stay = "GET /livez HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
    let answers = lab.exchange(format!("{stay}GET /livez HTTP/1.0\r\nHost: a\r\n\r\n"));
    assert_eq!(answers.matches("live\n").count(), 2, "{answers}");
}
