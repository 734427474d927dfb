//! Nobody is let in without a good token.

use serde_json::json;
use testkit::{Answer, Client, eventually, tokens};

use crate::lab::Lab;

/// Every route that wants the token of a user.
const PROTECTED: &[(&str, &str)] = &[
    ("GET", "/persons"),
    ("HEAD", "/persons"),
    ("POST", "/persons"),
    ("GET", "/persons/1"),
    ("PUT", "/persons/1"),
    ("DELETE", "/persons/1"),
];
const FEED: (&str, &str) = ("GET", "/persons/deleted");

/// Checks a 401 and its challenge.
#[track_caller]
fn expect_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.text());
    let challenge = answer.header("www-authenticate").expect("a challenge");
    let start = "Bearer realm=\"mini-projet\", error=\"invalid_token\", error_description=\"";
    assert!(challenge.starts_with(start) && challenge.len() > start.len() + 1, "{what}: {challenge}");
}

fn call(client: &Client, (method, path): (&str, &str)) -> Answer {
    client.call(method, path).json(&json!({"name": "Eve"})).send()
}

#[test]
fn without_a_token_every_protected_route_is_401_with_a_bare_challenge() {
    let lab = Lab::new();
    lab.create("Ada");
    for route in PROTECTED.iter().chain([&FEED]) {
        let answer = call(&lab.anybody(), *route);
        assert_eq!(answer.status, 401, "{route:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""), "{route:?}");
        if route.0 != "HEAD" {
            answer.expect_problem(401, "missing-token");
        }
    }
}

#[test]
fn every_forgery_is_refused_on_every_protected_route() {
    let lab = Lab::new();
    lab.create("Ada");
    for (name, token) in tokens::forgeries() {
        let forger = lab.anybody().with_token(&token);
        for route in PROTECTED {
            expect_refused(&call(&forger, *route), &format!("{name} on {route:?}"));
        }
    }
    assert_eq!(lab.ada().get("/persons").json(), json!([{"id": 1, "name": "Ada", "owner": "ada"}]));
}

#[test]
fn the_header_must_be_there_once_and_be_a_bearer_with_one_space() {
    let lab = Lab::new();
    let good = tokens::user("ada");
    let ask = |lines: &[String]| {
        let call = lab.anybody().call("GET", "/persons");
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
        let answer = ask(&lines);
        expect_refused(&answer, &format!("{lines:?}"));
        answer.expect_problem(401, "invalid-token");
    }
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let _ = ask(&[format!("{scheme} {good}")]).expect(200);
    }
}

#[test]
fn two_clocks_may_be_five_seconds_apart_and_no_more() {
    let lab = Lab::new();
    let shifted = |by: i64| {
        let mut claims = tokens::claims();
        let issued = tokens::now().saturating_add_signed(by);
        (claims["iat"], claims["exp"]) = (json!(issued), json!(issued + 900));
        lab.anybody()
            .with_token(&tokens::forge(&tokens::header(), &claims, &tokens::secret()))
            .get("/persons")
    };
    let _ = shifted(3).expect(200);
    expect_refused(&shifted(30), "issued in the future");
    let _ = shifted(-902).expect(200);
    expect_refused(&shifted(-907), "expired");
}

#[test]
fn a_token_may_name_one_audience_as_a_string_and_be_of_4096_bytes() {
    let lab = Lab::new();
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = tokens::claims();
        claims[name] = value;
        tokens::forge(&tokens::header(), &claims, &tokens::secret())
    };
    let _ = lab.anybody().with_token(&with("aud", json!("person"))).get("/persons").expect(200);
    // Three bytes of padding are four of base64: by steps of one byte the longest that fits is 4,095 or 4,096.
    let longest = (0..4096)
        .map(|length| with("padding", json!("x".repeat(length))))
        .take_while(|token| token.len() <= 4096);
    let longest = longest.last().expect("a short one fits");
    assert!(longest.len() >= 4095);
    let _ = lab.anybody().with_token(&longest).get("/persons").expect(200);
}

#[test]
fn the_feed_of_deletions_is_for_the_role_service_only() {
    let lab = Lab::new();
    let _ = call(&lab.health(), FEED).expect(200);
    for somebody in [lab.ada(), lab.admin()] {
        let answer = call(&somebody, FEED);
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"mini-projet\", error=\"insufficient_scope\"")
        );
        answer.expect_problem(403, "insufficient-scope");
    }
    for (name, token) in tokens::forgeries() {
        let answer = call(&lab.anybody().with_token(&token), FEED);
        // A service's role is good here, but auth does not sign it; a service's issuer gives a user no right.
        expect_refused(&answer, &format!("{name} on the feed"));
    }
}

#[test]
fn the_token_of_a_service_opens_no_other_route() {
    let lab = Lab::new();
    lab.create("Ada");
    for route in PROTECTED {
        expect_refused(&call(&lab.health(), *route), &format!("{route:?}"));
    }
}

#[test]
fn a_service_must_name_itself_and_its_audience() {
    let lab = Lab::new();
    let mut good = tokens::claims();
    for (name, value) in [("iss", "health"), ("aud", "person"), ("sub", "health"), ("role", "service")] {
        good[name] = json!(value);
    }
    let ask = |claims: &serde_json::Value| {
        let token = tokens::forge(&tokens::header(), claims, &tokens::secret());
        lab.anybody().with_token(&token).get("/persons/deleted")
    };
    let _ = ask(&good).expect(200);
    for (name, value) in [("iss", "auth"), ("iss", "person"), ("aud", "health"), ("role", "root")] {
        let mut wrong = good.clone();
        wrong[name] = json!(value);
        expect_refused(&ask(&wrong), &format!("{name} is {value}"));
    }
}

#[test]
fn a_connection_remembers_the_token_that_it_let_in_and_no_other_and_only_while_that_is_good() {
    let lab = Lab::new();
    lab.create("Ada");
    let mut wire = lab.wire();
    let mut ask = |token: &str| {
        wire.send(format!("GET /persons/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"));
        wire.answer()
    };
    // Expired four seconds ago, which the allowed difference of two clocks still covers, for one more.
    let claims = |expires: u64| {
        let mut claims = tokens::claims();
        (claims["iat"], claims["exp"]) = (json!(expires - 900), json!(expires));
        tokens::forge(&tokens::header(), &claims, &tokens::secret())
    };
    let expiring = claims(tokens::now() - 4);
    let _ = ask(&expiring).expect(200);
    let mut others = tokens::forgeries();
    // The same but for one byte at the end.
    others.push(("another signature", format!("{}A", &expiring[..expiring.len() - 1])));
    for (name, token) in others {
        expect_refused(&ask(&token), name);
    }
    eventually("it is good no longer", || (ask(&expiring).status == 401).then_some(()));
    // Who owns the person is asked anew for each token.
    let _ = ask(&tokens::user("eve")).expect(403);
    let _ = ask(&tokens::user("ada")).expect(200);
}
