//! Every request without a valid token is refused. `checks/faults` tries many more forged tokens on all services.

use serde_json::json;
use testkit::{Answer, Client, eventually, tokens};

use crate::service::PersonService;

/// The routes that require a user's token.
const PROTECTED: &[(&str, &str)] = &[
    ("GET", "/persons"),
    ("HEAD", "/persons"),
    ("POST", "/persons"),
    ("GET", "/persons/1"),
    ("PUT", "/persons/1"),
    ("DELETE", "/persons/1"),
];
/// The route that requires the token of a service.
const FEED: (&str, &str) = ("GET", "/persons/deleted");

#[track_caller]
fn expect_invalid_token(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    let challenge = answer.header("www-authenticate").expect("a challenge");
    let start = "Bearer realm=\"mini-projet\", error=\"invalid_token\", error_description=\"";
    assert!(challenge.starts_with(start) && challenge.len() > start.len() + 1, "{what}: {challenge}");
}

fn call(client: &Client, (method, path): (&str, &str)) -> Answer {
    client.call(method, path).json(&json!({"name": "Eve"})).send()
}

#[test]
fn missing_token_is_401_with_a_bare_challenge() {
    let service = PersonService::start();
    for route in PROTECTED.iter().chain([&FEED]) {
        let answer = call(&service.anonymous(), *route);
        assert_eq!(answer.status, 401, "{route:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""), "{route:?}");
        if route.0 != "HEAD" {
            answer.expect_problem(401, "missing-token");
        }
    }
}

#[test]
fn invalid_token_is_401_on_every_protected_route() {
    let service = PersonService::start();
    service.create("Ada");
    for (name, token) in tokens::forgeries() {
        let client = service.anonymous().with_token(&token);
        for route in PROTECTED.iter().chain([&FEED]) {
            expect_invalid_token(&call(&client, *route), &format!("{name} on {route:?}"));
        }
    }
    // Health signs tokens for the feed alone.
    for route in PROTECTED {
        expect_invalid_token(&call(&service.health(), *route), &format!("{route:?}"));
    }
    assert_eq!(service.list(), json!([{"id": 1, "name": "Ada", "owner": "ada"}]));
}

#[test]
fn authorization_must_be_one_bearer_token() {
    let service = PersonService::start();
    let good = &tokens::user("ada");
    let get = |lines: &[String]| {
        let call = service.anonymous().call("GET", "/persons");
        lines.iter().fold(call, |call, line| call.header("Authorization", line)).send()
    };
    for lines in [
        vec![format!("Bearer {good}"), format!("Bearer {good}")],
        vec![format!("Bearer {good}"), "Basic YTpi".to_owned()],
        vec!["Basic YTpi".to_owned()],
        vec![format!("Bearer  {good}")],
        vec![format!("Bearer\t{good}")],
        vec![format!("Bearer {good} x")],
        vec![format!("Bearer {good}, Bearer {good}")],
        vec![format!("Bearer={good}")],
        vec![format!("Token {good}")],
        vec![good.clone()],
        vec!["Bearer".to_owned()],
        vec![String::new()],
    ] {
        expect_invalid_token(&get(&lines), &format!("{lines:?}"));
    }
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let _ = get(&[format!("{scheme} {good}")]).expect(200);
    }
}

#[test]
fn clock_skew_of_five_seconds_is_allowed() {
    let service = PersonService::start();
    let issued = |offset: i64| {
        let mut claims = tokens::claims();
        let issued = tokens::now().saturating_add_signed(offset);
        (claims["iat"], claims["exp"]) = (json!(issued), json!(issued + 900));
        let token = tokens::forge(&tokens::header(), &claims, &tokens::secret());
        service.anonymous().with_token(&token).get("/persons")
    };
    let _ = issued(3).expect(200);
    expect_invalid_token(&issued(30), "issued in the future");
    let _ = issued(-902).expect(200);
    expect_invalid_token(&issued(-907), "expired");
}

#[test]
fn feed_requires_the_role_service() {
    let service = PersonService::start();
    let _ = call(&service.health(), FEED).expect(200);
    for client in [service.ada(), service.admin()] {
        let answer = call(&client, FEED);
        let challenge = "Bearer realm=\"mini-projet\", error=\"insufficient_scope\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
        answer.expect_problem(403, "insufficient-scope");
    }
}

#[test]
fn service_token_names_its_issuer_and_audience() {
    let service = PersonService::start();
    let mut good = tokens::claims();
    for (name, value) in [("iss", "health"), ("aud", "person"), ("sub", "health"), ("role", "service")] {
        good[name] = json!(value);
    }
    let get = |claims: &serde_json::Value| {
        let token = tokens::forge(&tokens::header(), claims, &tokens::secret());
        service.anonymous().with_token(&token).get("/persons/deleted")
    };
    let _ = get(&good).expect(200);
    for (name, value) in [("iss", "auth"), ("iss", "person"), ("aud", "health"), ("role", "root")] {
        let mut wrong = good.clone();
        wrong[name] = json!(value);
        expect_invalid_token(&get(&wrong), &format!("{name} is {value}"));
    }
}

/// A connection caches the token that it verified last.
#[test]
fn cached_token_admits_no_other_and_expires() {
    let service = PersonService::start();
    service.create("Ada");
    let mut wire = service.connect();
    let mut get = |token: &str| {
        wire.send(format!("GET /persons/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"));
        wire.answer()
    };
    // Expired four seconds ago: the allowed clock skew covers one more second.
    let mut claims = tokens::claims();
    (claims["iat"], claims["exp"]) = (json!(tokens::now() - 904), json!(tokens::now() - 4));
    let expiring = tokens::forge(&tokens::header(), &claims, &tokens::secret());
    let _ = get(&expiring).expect(200);
    let mut others = tokens::forgeries();
    let (message, signature) = expiring.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    others.push(("another signature", format!("{message}.{first}{}", &signature[1..])));
    for (name, token) in others {
        expect_invalid_token(&get(&token), name);
    }
    eventually("the token has expired", || (get(&expiring).status == 401).then_some(()));
    // The owner is checked for each token.
    let _ = get(&tokens::user("eve")).expect(403);
    let _ = get(&tokens::user("ada")).expect(200);
}
