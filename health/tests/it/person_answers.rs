//! Health's answer to each response of person, and to each failure to respond.

use health::store::Location;
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{Answer, Client, Response};

use crate::harness::{HealthService, at_once, path, record, start_at};

/// Person times out after a second; this leaves room for a busy machine.
const SOON: Duration = Duration::from_secs(2);

const LIMIT: usize = 64 * 1024;

/// The status, the problem type, and the result of the lookup in `Server-Timing`.
type Expected = (u16, &'static str, &'static str);
const UNREACHABLE: Expected = (503, "person-unreachable", "unreachable");
const LATE: Expected = (504, "person-timeout", "timeout");

const fn broken(hop: &'static str) -> Expected {
    (502, "person-broken", hop)
}

const PAGE: &str = "<html><h1>Not Found</h1><hr>nginx</html>";
const ABSOLUTE: &str = r#"{"type":"https://lab.example/problems/no-such-person","status":404}"#;
/// RFC 9457 section 4.2.1: the same as no type.
const BLANK: &str = r#"{"type":"about:blank","title":"Not Found","status":404}"#;

/// A problem of this type.
fn problem(status: u16, slug: &str) -> Response {
    Response::Answer(status, json!({"type": format!("/problems/{slug}"), "status": status}).to_string())
}

/// A person whose JSON has this length.
fn person_of(length: usize) -> Response {
    let bare = json!({"id": 7, "name": ""}).to_string().len();
    Response::body(json!({"id": 7, "name": "x".repeat(length - bare)}))
}

#[track_caller]
fn check(answer: Answer, (status, slug, hop): Expected, id: i64, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    let answer = answer.expect_problem(status, slug);
    assert_eq!(answer.header("retry-after"), (status == 503).then_some("1"), "{what}");
    let timing = answer.header("server-timing").expect("a timing");
    assert!(
        timing.contains("person;dur=") && timing.contains(&format!("desc=\"GET /persons/{id} {hop}\"")),
        "{what}: {timing}"
    );
    assert!(!timing.contains("store;dur="), "{what}: the store was touched: {timing}");
    let challenge = match status {
        401 => Some("Bearer realm=\"mini-projet\", error=\"invalid_token\""),
        403 => Some("Bearer realm=\"mini-projet\", error=\"insufficient_scope\""),
        _ => None,
    };
    if status == 502 {
        assert!(answer.text().contains("Is PERSON_URL right?"), "{what}: {}", answer.text());
    }
    let given = answer.header("www-authenticate");
    assert!(given.unwrap_or_default().starts_with(challenge.unwrap_or_default()), "{what}: {given:?}");
    assert_eq!(given.is_some(), challenge.is_some(), "{what}: {given:?}");
}

fn read(ada: &Client, id: i64) -> Answer {
    ada.get(&path(id))
}

fn write(ada: &Client, id: i64) -> Answer {
    ada.put(&path(id), &json!({"weight": 1}))
}

#[test]
fn every_failed_lookup_has_its_problem_and_writes_nothing() {
    let health = HealthService::with_record();
    let say = |body: &str| Response::body(body);
    let bytes = |bytes: &str| Response::Bytes(bytes.to_owned());
    let redirect = bytes("HTTP/1.1 302 Found\r\nLocation: /elsewhere/7\r\nContent-Length: 0\r\n\r\n");
    for (what, says, expected) in [
        ("nobody", Response::status(404), (404, "no-such-person", "404")),
        ("a token that it refuses", Response::status(401), (401, "invalid-token", "401")),
        ("a person of somebody else", Response::status(403), (403, "insufficient-scope", "403")),
        ("a 404 of a web server", Response::Answer(404, PAGE.to_owned()), broken("404")),
        ("a 401 of a web server", Response::Answer(401, PAGE.to_owned()), broken("401")),
        ("a 403 of a web server", Response::Answer(403, PAGE.to_owned()), broken("403")),
        ("an empty 404", Response::Answer(404, String::new()), broken("404")),
        ("a 404 that is no object", Response::Answer(404, "404".to_owned()), broken("404")),
        ("an unknown path", problem(404, "no-such-route"), broken("404")),
        ("no record of another health", problem(404, "no-health-record"), broken("404")),
        ("a 401 of another type", problem(401, "no-such-person"), broken("401")),
        ("a 403 of another type", problem(403, "limit-reached"), broken("403")),
        ("a type that is no text", Response::Answer(404, r#"{"type":404}"#.to_owned()), broken("404")),
        ("a type that only ends like ours", problem(404, "x-no-such-person"), broken("404")),
        ("nobody, as a problem", problem(404, "no-such-person"), (404, "no-such-person", "404")),
        ("no token, as a problem", problem(401, "missing-token"), (401, "invalid-token", "401")),
        ("a bad token, as a problem", problem(401, "invalid-token"), (401, "invalid-token", "401")),
        ("no right, as a problem", problem(403, "insufficient-scope"), (403, "insufficient-scope", "403")),
        ("nobody, with a URL", Response::Answer(404, ABSOLUTE.to_owned()), (404, "no-such-person", "404")),
        ("nobody, blank", Response::Answer(404, BLANK.to_owned()), (404, "no-such-person", "404")),
        ("too busy", Response::status(503), (503, "person-unreachable", "503")),
        ("a failure", Response::status(500), broken("500")),
        ("a gateway's", Response::status(502), broken("502")),
        ("a gateway's timeout", Response::status(504), broken("504")),
        ("too many", Response::status(429), broken("429")),
        ("gone", Response::status(410), broken("410")),
        ("created", Response::Answer(201, r#"{"id":7,"name":"Ada"}"#.to_owned()), broken("201")),
        ("no content", bytes("HTTP/1.1 204 No Content\r\n\r\n"), broken("204")),
        ("a redirect", redirect, broken("302")),
        ("somebody else", say(r#"{"id":8,"name":"Bob"}"#), broken("200")),
        ("no id", say(r#"{"name":"Ada"}"#), broken("200")),
        ("an id that is text", say(r#"{"id":"7","name":"Ada"}"#), broken("200")),
        ("an id with a fraction", say(r#"{"id":7.5,"name":"Ada"}"#), broken("200")),
        ("no name", say(r#"{"id":7}"#), broken("200")),
        ("a name that is none", say(r#"{"id":7,"name":null}"#), broken("200")),
        ("an array", say(r#"[{"id":7,"name":"Ada"}]"#), broken("200")),
        ("an array of its values", say(r#"[7,"Ada"]"#), broken("200")),
        ("null", say("null"), broken("200")),
        ("an empty body", say(""), broken("200")),
        ("no JSON", say("<h1>It works!</h1>"), broken("200")),
        ("half of the JSON", say(r#"{"id":7,"name":"Ada""#), broken("200")),
        ("a body cut off", bytes("HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"id\":7,"), broken("200")),
        ("a 404 cut off", bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 23\r\n\r\n{"), broken("404")),
        ("a head cut off", bytes("HTTP/1.1 200 OK\r\nContent-Le"), broken("broken")),
        ("no HTTP", bytes("SSH-2.0-OpenSSH_9.6\r\n\r\n"), broken("broken")),
        (
            "chunks cut off",
            bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n"),
            broken("200"),
        ),
        ("too large a body", person_of(LIMIT + 1), broken("200")),
        ("a 404 with too large a body", Response::Answer(404, "x".repeat(LIMIT + 1)), broken("404")),
        ("closed without an answer", Response::Close, UNREACHABLE),
        ("reset without an answer", Response::Reset, UNREACHABLE),
    ] {
        health.person.says(says);
        health.person.lookups();
        for operation in [read, write] {
            check(health.changing_nothing(|ada| operation(ada, 7)), expected, 7, what);
        }
        assert!(health.person.lookups().iter().all(|heard| heard.target == "/persons/7"), "{what}");
        // Health recovers as soon as person answers properly again.
        health.person.says(Response::Person);
        assert_eq!(read(&health.ada(), 7).expect(200).json(), record(), "{what}");
    }
}

#[test]
fn every_valid_form_of_a_person_is_accepted() {
    let health = HealthService::with_record();
    let person = r#"{"id":7,"name":"Ada"}"#;
    let length = person.len();
    for (what, says) in [
        ("more members than are known", Response::body(r#"{"name":"Ada","x":[1],"id":7,"owner":"bob"}"#)),
        ("64 KiB", person_of(LIMIT)),
        ("an empty name", Response::body(r#"{"id":7,"name":""}"#)),
        ("closed after it", Response::PersonThenClose),
        ("until the end", Response::Bytes(format!("HTTP/1.0 200 OK\r\n\r\n{person}"))),
        (
            "in chunks",
            Response::Bytes(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{person}\r\n0\r\n\r\n"
            )),
        ),
        (
            "without a reason",
            Response::Bytes(format!("HTTP/1.1 200 \r\nContent-Length: {length}\r\n\r\n{person}")),
        ),
    ] {
        health.person.says(says);
        let answer = read(&health.ada(), 7);
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        let answer = health.ada().put(&path(7), &record());
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
    }
}

#[test]
fn slow_person_is_504_within_the_time_limit() {
    let health = HealthService::new();
    let slow = [Response::Hang, Response::Drip, Response::DripBody];
    for (id, say) in (1..).zip(&slow) {
        let _ = health.ada().post(&path(id), &record()).expect(201);
        health.person.says_at(&format!("/persons/{id}"), say.clone());
    }
    let before = health.content();
    at_once(2 * slow.len(), |number| {
        let id = i64::try_from(number / 2).expect("small") + 1;
        let start = Instant::now();
        let answer = if number % 2 == 0 { read(&health.ada(), id) } else { write(&health.ada(), id) };
        let took = start.elapsed();
        let what = &slow[number / 2];
        // The head arrived in time, so its status is known.
        let expected = if *what == Response::DripBody { (LATE.0, LATE.1, "200") } else { LATE };
        check(answer, expected, id, &format!("{what:?}"));
        assert!(took < SOON, "{what:?}: {took:?}");
    });
    assert_eq!(health.content(), before);
    let _ = read(&health.ada(), 9).expect_problem(404, "no-health-record");
}

#[test]
fn unknown_host_name_is_503() {
    let folder = tempfile::tempdir().expect("a folder");
    // A label has at most 63 characters, so the resolver fails without a query.
    let url = format!("http://{}:5001", "x".repeat(64));
    let service = start_at(
        Location::File(folder.path().join("health.jsonl")),
        &url,
        Duration::from_secs(3600),
        storage::ERASE_AFTER,
    )
    .expect("it starts");
    let ada = service.client().with_token(&testkit::tokens::user("ada"));
    check(read(&ada, 7), UNREACHABLE, 7, "no such name");
    let _ = ada.get("/readyz").expect(200);
}
