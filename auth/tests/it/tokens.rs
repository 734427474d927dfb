//! The tokens that auth issues and accepts.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::tokens::{self, forgeries, now};

use crate::service::{AuthService, PASSWORD, token};

#[test]
fn token_has_exactly_the_documented_claims() {
    let service = AuthService::start();
    let before = now();
    let (header, claims) = tokens::read(&service.token_of("ada"));
    assert_eq!(header, json!({"alg": "HS256", "typ": "at+jwt", "kid": "test"}));

    let names: Vec<&str> = claims.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "role", "sub"]);
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
    let _ = crate::service::log_in(&client, "ada", PASSWORD).expect(200);
}
