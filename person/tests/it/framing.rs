//! Requests that are refused before they are routed: bytes that are not HTTP, and heads that two servers in a row
//! could read as different requests. `checks/faults` sends a far larger set of them to all three services.

use serde_json::json;
use testkit::Answer;

use crate::service::{LIVE, PersonService, post_head};

/// Names and bytes of the requests; `{post}` stands for the head of a `POST /persons`. A server that accepted one of
/// their bodies would create a person.
const REFUSED: &[(&str, &str)] = &[
    ("no Host", "GET /livez HTTP/1.1\r\n\r\n"),
    ("no Host beside an absolute target", "GET http://a/livez HTTP/1.1\r\n\r\n"),
    ("two Hosts", "GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    ("two different Hosts", "GET /livez HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"),
    ("a list of Hosts", "GET /livez HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    ("a Host with a user", "GET /livez HTTP/1.1\r\nHost: b@a\r\n\r\n"),
    ("a Host with a path", "GET /livez HTTP/1.1\r\nHost: a/livez\r\n\r\n"),
    ("a Host with an invalid port", "GET /livez HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    ("CL and TE", "{post}Content-Length: 24\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"),
    ("TE and CL", "{post}Transfer-Encoding: chunked\r\nContent-Length: 24\r\n\r\n{chunks}"),
    ("TE and CL 0", "{post}transfer-encoding: chunked\r\nX: y\r\ncontent-length: 0\r\n\r\n{chunks}"),
    ("CL and TE identity", "{post}Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\n{chunks}"),
    ("CL and TE after a tab", "{post}Content-Length: 5\r\nTransfer-Encoding:\tchunked\r\n\r\n{chunks}"),
    ("two lengths", "{post}Content-Length: 2\r\nContent-Length: 14\r\n\r\n{\"name\":\"Ada\"}"),
    ("a list of lengths", "{post}Content-Length: 2, 14\r\n\r\n{\"name\":\"Ada\"}"),
    ("a negative length", "{post}Content-Length: -14\r\n\r\n{\"name\":\"Ada\"}"),
    ("a length with a plus", "{post}Content-Length: +14\r\n\r\n{\"name\":\"Ada\"}"),
    ("a hexadecimal length", "{post}Content-Length: 0xe\r\n\r\n{\"name\":\"Ada\"}"),
    ("a space after Content-Length", "{post}Content-Length : 14\r\n\r\n{\"name\":\"Ada\"}"),
    ("a space after Transfer-Encoding", "{post}Transfer-Encoding : chunked\r\n\r\n{chunks}"),
    ("a bare LF after the request line", "GET /livez HTTP/1.1\nHost: a\r\n\r\n"),
    ("a bare LF after a field", "GET /livez HTTP/1.1\r\nHost: a\n\r\n"),
    ("a bare LF after the head", "GET /livez HTTP/1.1\r\nHost: a\r\n\n"),
    ("bare LFs only", "GET /livez HTTP/1.1\nHost: a\n\n"),
    ("a fragment", "GET /livez#top HTTP/1.1\r\nHost: a\r\n\r\n"),
    (
        "a space behind a chunk size",
        "{post}Transfer-Encoding: chunked\r\n\r\ne \r\n{\"name\":\"Ada\"}\r\n0\r\n\r\n",
    ),
    (
        "a bare LF behind the last chunk",
        "{post}Transfer-Encoding: chunked\r\n\r\ne\r\n{\"name\":\"Ada\"}\r\n0\r\n\n",
    ),
    (
        "a bare LF in a trailer",
        "{post}Transfer-Encoding: chunked\r\n\r\ne\r\n{\"name\":\"Ada\"}\r\n0\r\nX: y\n\r\n",
    ),
    ("one word", "nonsense\r\n\r\n"),
    ("no version", "GET /livez\r\n\r\n"),
    ("two spaces", "GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("HTTP/3.0", "GET /livez HTTP/3.0\r\nHost: a\r\n\r\n"),
    ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("a folded field", "GET /livez HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"),
    ("a field without a colon", "GET /livez HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
    ("a NUL in a field", "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
    ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n"),
];

/// Counts the answers with this status.
fn count(answers: &str, status: u16) -> usize {
    answers.matches(&format!("HTTP/1.1 {status} ")).count()
}

#[test]
fn ambiguous_or_malformed_request_is_400_and_closes() {
    let service = PersonService::start();
    for (what, bytes) in REFUSED {
        let bytes = bytes.replace("{post}", &post_head());
        let bytes = bytes.replace("{chunks}", "e\r\n{\"name\":\"Ada\"}\r\n0\r\n\r\n");
        for before in ["", LIVE] {
            let answers = service.exchange(format!("{before}{bytes}{LIVE}"));
            assert_eq!(count(&answers, 400), 1, "{what}: {answers}");
            // The earlier request is answered and the later one is not.
            assert_eq!(count(&answers, 200), usize::from(!before.is_empty()), "{what}: {answers}");
        }
        if what.contains("Host") {
            let answers = service.exchange(bytes);
            Answer::parse(answers.as_bytes()).expect("an answer").expect_problem(400, "bad-request");
        }
    }
    assert_eq!(service.list(), json!([]));
}

#[test]
fn transfer_coding_other_than_one_chunked_is_501_and_closes() {
    let service = PersonService::start();
    for codings in [
        "gzip",
        "gzip, chunked",
        "chunked, gzip",
        "chunked, chunked",
        ",chunked",
        "identity",
        "",
        "identity\r\nTransfer-Encoding: chunked",
        "chunked\r\nTransfer-Encoding: chunked",
    ] {
        let head = format!("{}Transfer-Encoding: {codings}\r\n\r\n", post_head());
        let answers = service.exchange(format!("{head}e\r\n{{\"name\":\"Ada\"}}\r\n0\r\n\r\n{LIVE}"));
        assert_eq!((count(&answers, 501), count(&answers, 200)), (1, 0), "{codings:?}: {answers}");
        let answer = Answer::parse(answers.as_bytes()).expect("an answer");
        assert_eq!(answer.header("connection"), Some("close"));
        answer.expect_problem(501, "unsupported-transfer-coding");
    }
    assert_eq!(service.list(), json!([]));
}

#[test]
fn malformed_head_sent_in_two_parts_is_refused() {
    let service = PersonService::start();
    let bad = format!("{}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", post_head());
    for second in [&bad[20..], ".1\nHost: a\r\n\r\n"] {
        let mut wire = service.connect();
        // Once the first request is answered, the service has read the beginning of the second.
        wire.send(format!("{LIVE}{}", &bad[..20]));
        let _ = wire.answer().expect(200);
        wire.send(second);
        assert_eq!(wire.answer().status, 400, "{second:?}");
        wire.expect_closed();
    }
}

#[test]
fn connect_and_trace_are_405_and_close() {
    let service = PersonService::start();
    for line in ["CONNECT a:80", "TRACE /", "TRACE /persons", "TRACE /nothing"] {
        let answers = service.exchange(format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n{LIVE}"));
        assert!(count(&answers, 405) == 1 && count(&answers, 200) == 0, "{line}: {answers}");
        let answer = Answer::parse(answers.as_bytes()).expect("an answer");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(answer.header("allow").is_some());
        answer.expect_problem(405, "method-not-allowed");
    }
}

#[test]
fn unread_body_is_never_taken_for_a_request() {
    let service = PersonService::start();
    for body in [LIVE.to_owned(), LIVE.repeat(1000), format!("{}{LIVE}", " ".repeat(64 * 1024))] {
        let length = body.len();
        for head in [
            format!("POST /persons HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"),
            format!("GET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"),
            format!("POST /persons HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n"),
        ] {
            let mut wire = service.connect();
            wire.send(&head);
            // The service may close the connection before all of the body is sent.
            let _ = wire.try_send(&body);
            wire.finish_sending();
            assert!((400..500).contains(&wire.answer().status), "{head}");
            wire.expect_closed();
        }
    }
}
