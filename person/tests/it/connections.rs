//! Connections: the ways in which HTTP/1.1 may send a request that is served.

use serde_json::json;

use crate::service::{LIVE, PersonService, post_head};

const ADA: &str = "{\"name\":\"Ada\"}";

#[test]
fn absolute_form_target_is_served() {
    let service = PersonService::start();
    for target in ["http://a/livez", "http://elsewhere:81/livez", "HTTP://a/livez"] {
        let answers =
            service.exchange(format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        assert!(answers.starts_with("HTTP/1.1 200 ") && answers.ends_with("live\n"), "{target}: {answers}");
    }
}

#[test]
fn connection_carries_one_request_after_another() {
    let service = PersonService::start();
    let mut wire = service.connect();
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
    let service = PersonService::start();
    let mut wire = service.connect();
    let bodies = ["one", "two", "three"].map(|name| format!("{{\"name\":\"{name}\"}}"));
    let posts = bodies.map(|body| format!("{}Content-Length: {}\r\n\r\n{body}", post_head(), body.len()));
    wire.send(format!("{}{LIVE}{}\r\n\r\n{}", posts[0], posts[1], posts[2]));
    assert_eq!(wire.answer().expect(201).json()["name"], "one");
    assert_eq!(wire.answer().expect(200).text(), "live\n");
    assert_eq!(wire.answer().expect(201).json()["name"], "two");
    assert_eq!(wire.answer().expect(201).json()["name"], "three");
}

#[test]
fn answer_says_how_long_the_connection_may_be_idle() {
    let service = PersonService::start();
    let mut wire = service.connect();
    wire.send(LIVE);
    assert_eq!(wire.answer().expect(200).header("keep-alive"), Some("timeout=10"));
}

#[test]
fn options_of_the_server_itself_is_204() {
    let service = PersonService::start();
    let mut wire = service.connect();
    wire.send(format!("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n{LIVE}"));
    let _ = wire.answer().expect(204);
    let _ = wire.answer().expect(200);
}

#[test]
fn half_closed_client_still_gets_its_answer() {
    let service = PersonService::start();
    let mut wire = service.connect();
    wire.send(format!("{}Content-Length: 14\r\n\r\n{ADA}", post_head()));
    wire.finish_sending();
    let _ = wire.answer().expect(201);
    wire.expect_closed();
}

#[test]
fn chunked_body_is_read_and_ends_the_connection() {
    let service = PersonService::start();
    let mut wire = service.connect();
    let chunks = "7;ext=1\r\n{\"name\"\r\n1\r\n:\r\n6\r\n\"Ada\"}\r\n0\r\nTrailer: x\r\n\r\n";
    wire.send(format!("{}Transfer-Encoding: chunked\r\n\r\n{chunks}", post_head()));
    let answer = wire.answer().expect(201);
    assert_eq!((answer.header("connection"), &answer.json()["name"]), (Some("close"), &"Ada".into()));
    wire.expect_closed();
}

#[test]
fn malformed_or_incomplete_body_is_400() {
    let service = PersonService::start();
    for (framing, body) in [
        ("Transfer-Encoding: chunked", "x\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "2\r\n{}xx0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "2\r\n{}\r\n-1\r\n\r\n"),
        ("Transfer-Encoding: chunked", "fffffffffffffffff\r\n"),
        ("Transfer-Encoding: chunked", "e\r\n{\"name\":\"Ada\"}"),
        ("Content-Length: 99", ADA),
    ] {
        let mut wire = service.connect();
        wire.send(format!("{}{framing}\r\n\r\n{body}", post_head()));
        wire.finish_sending();
        wire.answer().expect_problem(400, "bad-request");
        let _ = wire.rest();
    }
    assert_eq!(service.list(), json!([]));
}

#[test]
fn expect_100_continue_gets_100_before_the_body() {
    let service = PersonService::start();
    let mut wire = service.connect();
    wire.send(format!("{}Expect: 100-continue\r\nContent-Length: 14\r\n\r\n", post_head()));
    assert_eq!(wire.answer().status, 100);
    wire.send(ADA);
    let _ = wire.answer().expect(201);
}

#[test]
fn expect_100_continue_is_refused_before_the_body() {
    let service = PersonService::start();
    let expect = |head: &str| {
        let mut wire = service.connect();
        wire.send(head);
        let answer = wire.answer();
        assert_eq!((answer.header("connection"), answer.header("keep-alive")), (Some("close"), None));
        // The client may send the body all the same, so the service takes nothing that follows for a request.
        wire.expect_closed();
        answer
    };
    let too_large = format!("{}Expect: 100-continue\r\nContent-Length: 65537\r\n\r\n", post_head());
    expect(&too_large).expect_problem(413, "body-too-large");
    expect("POST /persons HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 14\r\n\r\n")
        .expect_problem(401, "missing-token");
}

#[test]
fn http_1_0_closes_unless_keep_alive_is_asked_for() {
    let service = PersonService::start();
    let answers = service.exchange("GET /livez HTTP/1.0\r\nHost: a\r\n\r\n");
    assert!(answers.contains(" 200 ") && answers.ends_with("live\n"), "{answers}");
    let answers = service.exchange("GET /livez HTTP/1.0\r\n\r\n");
    assert!(answers.contains(" 200 "), "HTTP/1.0 requires no Host: {answers}");
    let keep_alive = "GET /livez HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
    let answers = service.exchange(format!("{keep_alive}GET /livez HTTP/1.0\r\nHost: a\r\n\r\n"));
    assert_eq!(answers.matches("live\n").count(), 2, "{answers}");
}
