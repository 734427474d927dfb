//! Bytes on the wire that are refused: what is no HTTP, and what would let two servers in a row see different
//! requests.

use serde_json::json;
use testkit::Answer;

use crate::lab::{LIVE, Lab, post_head};

/// How many answers with this status there are.
fn count(answers: &str, status: u16) -> usize {
    answers.matches(&format!("HTTP/1.1 {status} ")).count()
}

#[test]
fn the_host_must_be_there_once_and_be_one() {
    let lab = Lab::new();
    for head in [
        "GET /livez HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
        "GET http://a/livez HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: b@a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a/livez\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a:b\r\n\r\n",
    ] {
        // Nothing that follows is answered: the connection is closed.
        let answers = lab.exchange(format!("{head}{LIVE}"));
        assert!(count(&answers, 400) == 1 && count(&answers, 200) == 0, "{head:?}: {answers}");
        Answer::parse(answers.as_bytes()).expect("an answer").expect_problem(400, "bad-request");
    }
}

#[test]
fn two_ways_to_tell_a_body_s_length_are_400_and_close() {
    let lab = Lab::new();
    // Whoever believed in the chunks would make a person of them.
    let chunks = "e\r\n{\"name\":\"Ada\"}\r\n0\r\n\r\n";
    for lines in [
        "Content-Length: 24\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 24\r\n",
        "transfer-encoding: chunked\r\nX: y\r\ncontent-length: 0\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
        "Content-Length: 5\r\nTransfer-Encoding:\tchunked\r\n",
    ] {
        for before in ["", LIVE] {
            let answers = lab.exchange(format!("{before}{}{lines}\r\n{chunks}{LIVE}", post_head()));
            assert_eq!(count(&answers, 400), 1, "{lines:?}: {answers}");
            assert_eq!(count(&answers, 200), usize::from(!before.is_empty()), "{lines:?}: {answers}");
        }
    }
    assert_eq!(lab.ada().get("/persons").json(), json!([]));
}

#[test]
fn lengths_that_disagree_or_are_none_are_400_and_close() {
    let lab = Lab::new();
    for lines in [
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2, 3\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Content-Length : 2\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding : chunked\r\n",
    ] {
        // Whoever read one of these bodies would miss its name.
        let body = if lines.starts_with("Transfer") { "2\r\n{}\r\n0\r\n\r\n" } else { "{}" };
        let answers = lab.exchange(format!("{}{lines}\r\n{body}{LIVE}", post_head()));
        assert!(answers.starts_with("HTTP/1.1 400 ") && count(&answers, 200) == 0, "{lines:?}: {answers}");
    }
}

#[test]
fn a_bare_line_feed_in_a_head_is_400_and_closes() {
    let lab = Lab::new();
    for head in [
        "GET /livez HTTP/1.1\nHost: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\n\n",
        "GET /livez HTTP/1.1\nHost: a\n\n",
    ] {
        let answers = lab.exchange(format!("{head}{LIVE}"));
        assert!(count(&answers, 400) == 1 && count(&answers, 200) == 0, "{head:?}: {answers}");
        let answers = lab.exchange(format!("{LIVE}{head}{LIVE}"));
        assert!(count(&answers, 400) == 1 && count(&answers, 200) == 1, "{head:?}: {answers}");
    }
}

#[test]
fn a_bad_head_that_comes_in_two_parts_is_refused_at_once() {
    let lab = Lab::new();
    let bad = format!("{}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", post_head());
    for second in [&bad[20..], ".1\nHost: a\r\n\r\n"] {
        let mut wire = lab.wire();
        // Once the first is answered, the beginning of the second has been read.
        wire.send(format!("{LIVE}{}", &bad[..20]));
        let _ = wire.answer().expect(200);
        wire.send(second);
        assert_eq!(wire.answer().status, 400, "{second:?}");
        wire.expect_closed();
    }
}

#[test]
fn what_is_no_http_is_400_and_closes() {
    let lab = Lab::new();
    for bytes in [
        "nonsense\r\n\r\n",
        "GET /livez\r\n\r\n",
        "GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /livez HTTP/3.0\r\nHost: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}\r\n",
    ] {
        let answers = lab.exchange(format!("{bytes}{LIVE}"));
        assert!(answers.starts_with("HTTP/1.1 400 ") && count(&answers, 200) == 0, "{bytes:?}: {answers}");
    }
}

#[test]
fn a_client_that_speaks_http_2_is_hung_up_on() {
    let lab = Lab::new();
    let answers = lab.exchange(format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{LIVE}"));
    assert_eq!(count(&answers, 200), 0, "{answers}");
}

#[test]
fn connect_and_trace_are_405_and_close() {
    let lab = Lab::new();
    for head in [
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
        "TRACE /persons HTTP/1.1\r\nHost: a\r\n\r\n",
        "TRACE /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let answers = lab.exchange(format!("{head}{LIVE}"));
        assert!(count(&answers, 405) == 1 && count(&answers, 200) == 0, "{head:?}: {answers}");
        let answer = Answer::parse(answers.as_bytes()).expect("an answer");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(answer.header("allow").is_some());
        answer.expect_problem(405, "method-not-allowed");
    }
}

#[test]
fn a_body_that_nobody_reads_is_never_taken_for_a_request() {
    let lab = Lab::new();
    let bodies = [LIVE.to_owned(), LIVE.repeat(1000), format!("{}{LIVE}", " ".repeat(64 * 1024))];
    for body in bodies {
        let length = body.len();
        for head in [
            format!("POST /persons HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"),
            format!("GET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"),
            format!("POST /persons HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n"),
        ] {
            let mut wire = lab.wire();
            wire.send(&head);
            // The service may be done with the connection before all of it is sent.
            let _ = wire.try_send(&body);
            wire.finish_sending();
            assert!((400..500).contains(&wire.answer().status), "{head}");
            wire.expect_closed();
        }
    }
}
