//! The tokens that are issued, and those that are taken.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::tokens::{self, forgeries, now};

use crate::lab::{Lab, PASSWORD, token};

#[test]
fn a_token_says_exactly_what_the_contract_says() {
    let lab = Lab::new();
    let before = now();
    let (header, claims) = tokens::read(&lab.token_of("ada"));
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
fn every_token_has_an_id_of_its_own() {
    let lab = Lab::new();
    let _ = lab.register("ada", PASSWORD).expect(201);
    let ids: BTreeSet<String> = (0..4)
        .map(|_| {
            tokens::read(&token(&lab.log_in("ada", PASSWORD))).1["jti"].as_str().expect("a jti").to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 4);
}

#[test]
fn an_issued_token_is_signed_with_the_first_key_and_hmac_sha_256() {
    let lab = Lab::new();
    let token = lab.token_of("ada");
    let (signed, _) = token.rsplit_once('.').expect("a signature");
    assert_eq!(tokens::sign(signed, &tokens::secret()), token);
}

#[test]
fn me_wants_a_good_token() {
    let lab = Lab::new();
    let answer = lab.client().get("/me");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""));
    answer.expect_problem(401, "missing-token");
    for (name, token) in forgeries().into_iter().chain([("of a service", tokens::service())]) {
        let answer = lab.client().with_token(&token).get("/me");
        assert_eq!(answer.status, 401, "{name}");
        assert!(
            answer.header("www-authenticate").is_some_and(|value| value.contains("error=\"invalid_token\"")),
            "{name}"
        );
    }
    let mut claims = tokens::claims();
    claims["aud"] = json!(["person", "health"]);
    let elsewhere = tokens::forge(&tokens::header(), &claims, &tokens::secret());
    lab.client().with_token(&elsewhere).get("/me").expect_problem(401, "invalid-token");
    let root = lab.client().with_token(&tokens::admin("root")).get("/me").expect(200);
    assert_eq!(root.json(), json!({"username": "root", "role": "admin"}));
}

#[test]
fn a_bad_token_does_not_keep_anybody_from_logging_in() {
    let lab = Lab::new();
    let _ = lab.register("ada", PASSWORD).expect(201);
    let client = lab.client().with_token("nonsense");
    let _ = crate::lab::log_in(&client, "ada", PASSWORD).expect(200);
}
