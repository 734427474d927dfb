//! The tokens that auth issues and accepts.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::Client;
use testkit::tokens::{self, forgeries, now};

use crate::service::{AuthService, PASSWORD, log_in, register, test_dir, token};

#[test]
fn token_has_exactly_the_documented_claims() {
    let service = AuthService::start();
    let before = now();
    let (header, claims) = tokens::read(&service.token_of("ada"));
    assert_eq!(header, json!({"alg": "HS256", "typ": "at+jwt", "kid": "test"}));

    let names: Vec<&str> = claims.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "role", "sub", "uid"]);
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["role"]),
        (&json!("auth"), &json!("ada"), &json!("user"))
    );
    let audience: BTreeSet<&str> =
        claims["aud"].as_array().expect("an array").iter().filter_map(Value::as_str).collect();
    assert_eq!(audience, BTreeSet::from(["auth", "health", "person"]));
    let (issued, expires) =
        (claims["iat"].as_u64().expect("a number"), claims["exp"].as_u64().expect("a number"));
    assert!((before..=now()).contains(&issued), "{issued}");
    assert_eq!(expires, issued + 900);
    assert!(claims["jti"].as_str().is_some_and(|id| id.len() >= 22), "{claims}");
}

/// Returns the id of an account from a new token, and checks that it is a random UUID (RFC 9562).
fn uid(client: &Client, username: &str) -> String {
    let (_, claims) = tokens::read(&token(&log_in(client, username, PASSWORD)));
    let uid = claims["uid"].as_str().expect("an id").to_owned();
    let form = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    let fits = |(c, form): (char, char)| match form {
        'x' => c.is_ascii_digit() || ('a'..='f').contains(&c),
        'y' => "89ab".contains(c),
        other => c == other,
    };
    assert!(uid.len() == form.len() && uid.chars().zip(form.chars()).all(fits), "{uid}");
    uid
}

#[test]
fn account_keeps_its_id() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = process.client();
    for username in ["ada", "bob"] {
        let _ = register(&client, username, PASSWORD).expect(201);
    }
    let (ada, bob) = (uid(&client, "ada"), uid(&client, "bob"));
    assert_ne!(ada, bob);
    assert_eq!(dir.run(&["grant", "ada", "admin"], &[]).code, Some(0));
    assert_eq!(uid(&client, "ada"), ada);
    let copy = dir.backup();
    drop(process);
    assert_eq!(dir.restore(copy).code, Some(0));
    assert_eq!(uid(&dir.serve().client(), "ada"), ada);
}

#[test]
fn username_registered_again_gets_another_id() {
    let ids: BTreeSet<String> = (0..3)
        .map(|_| {
            // Each service has a new, empty database.
            let service = AuthService::start();
            let _ = service.register("ada", PASSWORD).expect(201);
            uid(&service.client(), "ada")
        })
        .collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn every_token_has_a_different_id() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    let ids: BTreeSet<String> = (0..4)
        .map(|_| {
            tokens::read(&token(&service.log_in("ada", PASSWORD))).1["jti"]
                .as_str()
                .expect("a jti")
                .to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 4);
}

#[test]
fn token_is_signed_with_the_first_key() {
    let service = AuthService::start();
    let token = service.token_of("ada");
    let (signed, _) = token.rsplit_once('.').expect("a signature");
    assert_eq!(tokens::sign(signed, &tokens::secret()), token);
}

#[test]
fn me_requires_a_valid_token() {
    let service = AuthService::start();
    let answer = service.client().get("/me");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""));
    answer.expect_problem(401, "missing-token");
    for (name, token) in forgeries().into_iter().chain([("of a service", tokens::service())]) {
        let answer = service.client().with_token(&token).get("/me");
        assert_eq!(answer.status, 401, "{name}");
        assert!(
            answer.header("www-authenticate").is_some_and(|value| value.contains("error=\"invalid_token\"")),
            "{name}"
        );
    }
    let mut claims = tokens::claims();
    claims["aud"] = json!(["person", "health"]);
    let elsewhere = tokens::forge(&tokens::header(), &claims, &tokens::secret());
    service.client().with_token(&elsewhere).get("/me").expect_problem(401, "invalid-token");
    let root = service.client().with_token(&tokens::admin("root")).get("/me").expect(200);
    assert_eq!(root.json(), json!({"username": "root", "role": "admin"}));
}

#[test]
fn login_ignores_an_invalid_token() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    let client = service.client().with_token("nonsense");
    let _ = log_in(&client, "ada", PASSWORD).expect(200);
}
