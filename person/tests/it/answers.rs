//! The headers and problem members that every answer has.

use serde_json::json;
use testkit::{Answer, tokens};

use crate::service::PersonService;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// One answer of every kind: with and without a body, successes and errors.
fn one_of_each(service: &PersonService) -> Vec<Answer> {
    let path = format!("/persons/{}", service.create("Ada"));
    let ada = service.ada();
    let etag = ada.get(&path).header("etag").expect("an ETag").to_owned();
    let stale = ada.call("PUT", &path).header("If-Match", "\"0\"").json(&json!({"name": "Eve"}));
    vec![
        ada.get("/persons").expect(200),
        ada.post("/persons", &json!({"name": "Bob"})).expect(201),
        ada.call("GET", &path).header("If-None-Match", &etag).send().expect(304),
        ada.call("HEAD", &path).send().expect(200),
        ada.call("OPTIONS", &path).send().expect(204),
        ada.get("/persons?x=1").expect(400),
        service.anonymous().get("/persons").expect(401),
        service.user("bob").get(&path).expect(403),
        ada.get("/nothing").expect(404),
        ada.call("PATCH", &path).send().expect(405),
        stale.send().expect(412),
        ada.call("POST", "/persons").body("{}").send().expect(415),
        ada.post("/persons", &json!({})).expect(422),
        ada.delete(&path).expect(204),
        ada.get("/livez").expect(200),
        ada.get("/metrics").expect(200),
    ]
}

#[test]
fn every_answer_has_the_standard_headers() {
    let service = PersonService::start();
    for answer in one_of_each(&service) {
        let status = answer.status;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{status}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{status}");
        assert!(answer.header("date").is_some(), "{status}");
        assert_eq!((answer.header("server"), answer.header("x-powered-by")), (None, None));
        let traceparent = answer.header("traceparent").expect("a traceparent");
        assert!(traceparent.len() == 55 && traceparent.starts_with("00-"), "{traceparent}");
        let timing = answer.header("server-timing").expect("a Server-Timing");
        let total = timing.strip_prefix("total;dur=").expect("the total first");
        assert!(total.parse::<f64>().is_ok_and(|ms| (0.0..20_000.0).contains(&ms)), "{timing}");
        assert!(total.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2), "{timing}");
        // Only the answer to `HEAD` announces a body that it does not have.
        let is_head = answer.body.is_empty() && answer.header("content-length").is_some_and(|n| n != "0");
        assert_eq!(answer.body.is_empty(), answer.header("content-type").is_none() || is_head, "{status}");
    }
}

#[test]
fn every_error_is_a_complete_problem_with_a_page() {
    let service = PersonService::start();
    for answer in one_of_each(&service).into_iter().filter(|answer| answer.status >= 400) {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json();
        let members: Vec<&str> = problem.as_object().expect("an object").keys().map(String::as_str).collect();
        let mut expected = vec!["detail", "instance", "status", "title", "trace_id", "type"];
        if answer.status == 422 {
            expected.insert(1, "errors");
        }
        assert_eq!(members, expected);
        assert_eq!(problem["status"], answer.status);
        let traceparent = answer.header("traceparent").expect("a traceparent");
        assert_eq!(problem["trace_id"], traceparent[3..35]);
        let page = service.anonymous().get(problem["type"].as_str().expect("a type")).expect(200);
        assert_eq!(page.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(page.text().contains(problem["title"].as_str().expect("a title")), "{}", page.text());
    }
}

#[test]
fn instance_is_the_path_as_sent_without_the_query() {
    let service = PersonService::start();
    let problem = service.ada().get("/persons/7?limit=1").expect_problem(400, "bad-query").json();
    assert_eq!(problem["instance"], "/persons/7");
    for path in ["/\"x\"", "/%22%5C", "/\u{e9}", "/{x}|^`"] {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = Answer::parse(service.exchange(bytes).as_bytes()).expect("an answer");
        // The HTTP parser may refuse such a target before a request exists.
        if answer.status != 400 {
            assert_eq!(answer.expect_problem(404, "no-such-route").json()["instance"], path);
        }
    }
}

#[test]
fn valid_traceparent_is_kept_and_named_in_problems() {
    let service = PersonService::start();
    let given = format!("00-{TRACE_ID}-00f067aa0ba902b7-01");
    let answer = service.anonymous().call("GET", "/nothing").header("traceparent", &given).send();
    assert_eq!(answer.header("traceparent"), Some(&given[..]));
    assert_eq!(answer.expect_problem(404, "no-such-route").json()["trace_id"], TRACE_ID);
}

#[test]
fn missing_or_invalid_traceparent_is_replaced() {
    let service = PersonService::start();
    let good = format!("00-{TRACE_ID}-00f067aa0ba902b7-01");
    let mut seen = std::collections::HashSet::new();
    for given in [
        vec![],
        vec![""],
        vec!["nonsense"],
        vec!["00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"],
        vec!["00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
        vec!["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        vec!["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later"],
        vec![&good[..], &good[..]],
    ] {
        let call = service.anonymous().call("GET", "/livez");
        let answer = given.iter().fold(call, |call, value| call.header("traceparent", value)).send();
        let traceparent = answer.header("traceparent").expect("a traceparent").to_owned();
        let parts: Vec<_> = traceparent.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [2, 32, 16, 2], "{traceparent}");
        assert!(parts.concat().bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{traceparent}");
        assert_ne!(parts[1], TRACE_ID, "{given:?}");
        assert!(seen.insert(parts[1].to_owned()), "{traceparent} was given before");
    }
}

#[test]
fn later_version_of_traceparent_is_read_as_version_00() {
    let service = PersonService::start();
    let given = format!("cc-{TRACE_ID}-00f067aa0ba902b7-01-later");
    let answer = service.anonymous().call("GET", "/livez").header("traceparent", &given).send();
    let read = format!("00-{TRACE_ID}-00f067aa0ba902b7-01");
    assert_eq!(answer.header("traceparent"), Some(&read[..]));
}

#[test]
fn answer_never_repeats_an_invalid_token() {
    let service = PersonService::start();
    // A short token could be part of a trace id by chance.
    for (name, token) in tokens::forgeries().into_iter().filter(|(_, token)| token.len() > 32) {
        let answer = service.anonymous().with_token(&token).get("/persons");
        let everything = format!("{:?} {}", answer.headers, answer.text());
        assert!(!everything.contains(&token), "{name}");
    }
}
