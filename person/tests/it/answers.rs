//! What every answer carries.

use serde_json::json;
use testkit::{Answer, tokens};

use crate::lab::Lab;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// An answer of every shape: with a body and without, good and bad.
fn one_of_each(lab: &Lab) -> Vec<Answer> {
    let id = lab.create("Ada");
    let path = format!("/persons/{id}");
    let etag = lab.ada().get(&path).header("etag").expect("an ETag").to_owned();
    vec![
        lab.ada().get("/persons").expect(200),
        lab.ada().post("/persons", &json!({"name": "Bob"})).expect(201),
        lab.ada().call("GET", &path).header("If-None-Match", &etag).send().expect(304),
        lab.ada().call("HEAD", &path).send().expect(200),
        lab.ada().call("OPTIONS", &path).send().expect(204),
        lab.ada().get("/persons?x=1").expect(400),
        lab.anybody().get("/persons").expect(401),
        lab.user("bob").get(&path).expect(403),
        lab.ada().get("/nothing").expect(404),
        lab.ada().call("PATCH", &path).send().expect(405),
        lab.ada()
            .call("PUT", &path)
            .header("If-Match", "\"0\"")
            .json(&json!({"name": "Eve"}))
            .send()
            .expect(412),
        lab.ada().call("POST", "/persons").body("{}").send().expect(415),
        lab.ada().post("/persons", &json!({})).expect(422),
        lab.ada().delete(&path).expect(204),
        lab.anybody().get("/livez").expect(200),
        lab.anybody().get("/metrics").expect(200),
    ]
}

#[test]
fn every_answer_carries_the_standard_headers() {
    let lab = Lab::new();
    for answer in one_of_each(&lab) {
        let status = answer.status;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{status}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{status}");
        assert!(answer.header("date").is_some(), "{status}");
        let traceparent = answer.header("traceparent").expect("a traceparent");
        assert!(traceparent.len() == 55 && traceparent.starts_with("00-"), "{traceparent}");
        let timing = answer.header("server-timing").expect("a Server-Timing");
        let total = timing.strip_prefix("total;dur=").expect("the total first");
        assert!(total.parse::<f64>().is_ok_and(|ms| (0.0..20_000.0).contains(&ms)), "{timing}");
        assert!(total.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2), "{timing}");
        assert_eq!(
            answer.body.is_empty(),
            answer.header("content-type").is_none()
                || answer.header("allow").is_some() && status == 204
                || is_head(&answer),
            "{status}"
        );
    }
}

/// Only the answer to `HEAD` announces more than it brings.
fn is_head(answer: &Answer) -> bool {
    answer.body.is_empty() && answer.header("content-length").is_some_and(|length| length != "0")
}

#[test]
fn every_error_is_a_complete_problem_with_a_page_of_its_own() {
    let lab = Lab::new();
    for answer in one_of_each(&lab).into_iter().filter(|answer| answer.status >= 400) {
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
        let page = lab.anybody().get(problem["type"].as_str().expect("a type")).expect(200);
        assert_eq!(page.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(page.text().contains(problem["title"].as_str().expect("a title")), "{}", page.text());
    }
}

#[test]
fn the_instance_is_the_path_without_the_query() {
    let lab = Lab::new();
    let problem = lab.ada().get("/persons/7?limit=1").expect_problem(400, "bad-query").json();
    assert_eq!(problem["instance"], "/persons/7");
}

#[test]
fn a_valid_traceparent_is_kept_and_named_in_problems() {
    let lab = Lab::new();
    let given = format!("00-{TRACE_ID}-00f067aa0ba902b7-01");
    let answer = lab.anybody().call("GET", "/nothing").header("traceparent", &given).send();
    assert_eq!(answer.header("traceparent"), Some(&given[..]));
    assert_eq!(answer.expect_problem(404, "no-such-route").json()["trace_id"], TRACE_ID);
}

#[test]
fn without_a_valid_traceparent_each_answer_has_a_new_one() {
    let lab = Lab::new();
    let good = format!("00-{TRACE_ID}-00f067aa0ba902b7-01");
    let mut seen = std::collections::HashSet::new();
    for given in [
        vec![],
        vec![""],
        vec!["nonsense"],
        vec!["00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"],
        vec!["00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
        vec!["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        vec![&good[..], &good[..]],
    ] {
        let call = lab.anybody().call("GET", "/livez");
        let answer = given.iter().fold(call, |call, value| call.header("traceparent", value)).send();
        let traceparent = answer.header("traceparent").expect("a traceparent").to_owned();
        let parts: Vec<_> = traceparent.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [2, 32, 16, 2], "{traceparent}");
        assert!(parts.concat().bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{traceparent}");
        assert_ne!(parts[1], TRACE_ID, "{given:?}");
        assert!(seen.insert(parts[1].to_owned()), "{traceparent} is given twice");
    }
}

#[test]
fn no_answer_says_what_software_it_comes_from() {
    let lab = Lab::new();
    for answer in one_of_each(&lab) {
        assert_eq!((answer.header("server"), answer.header("x-powered-by")), (None, None));
    }
}

#[test]
fn a_problem_is_valid_json_whatever_the_path_holds() {
    let lab = Lab::new();
    for path in ["/\"x\"", "/%22%5C", "/\u{e9}", "/{x}|^`"] {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = Answer::parse(lab.exchange(bytes).as_bytes()).expect("an answer");
        // The HTTP parser may refuse such a target before there is a request.
        if answer.status != 400 {
            assert_eq!(answer.expect_problem(404, "no-such-route").json()["instance"], path);
        }
    }
}

#[test]
fn the_caller_is_told_of_a_token_s_fault_but_never_shown_the_token() {
    let lab = Lab::new();
    // A short one could stand in a trace id by chance.
    for (name, token) in tokens::forgeries().into_iter().filter(|(_, token)| token.len() > 32) {
        let answer = lab.anybody().with_token(&token).get("/persons");
        let everything = format!("{:?} {}", answer.headers, answer.text());
        assert!(!everything.contains(&token), "{name}");
    }
}
