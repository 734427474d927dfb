//! Good tokens of the library that makes the forgeries: a forgery is not refused for the way it is made or written.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use faults::report;
use faults::services::Services;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use testkit::tokens;

use super::maker::{Maker, OLD_KEY, hs256, with, with_two_keys};

#[test]
fn good_tokens_of_another_library_are_accepted() {
    let services = Services::with_ada(with_two_keys);
    let mut asked = 0;
    for (service, path) in [("auth", "/me"), ("person", "/persons/1"), ("health", "/health/1")] {
        for (name, header) in good_headers(&Maker::of_a_user(service)) {
            asked += 1;
            let client = &services.named(service).client;
            let answer = client.call("GET", path).header("Authorization", &header).send();
            assert_eq!(answer.status, 200, "{name} at {service}: {}", answer.text());
        }
    }
    let feed = services.person.client.with_token(&Maker::of_health().good());
    let _ = feed.get("/persons/deleted").expect(200);
    asked += 1;
    report("valid tokens from the forging library", &format!("{asked} requests"), "all accepted");
}

/// Returns good values of `Authorization`, each with a name.
fn good_headers(maker: &Maker) -> Vec<(&'static str, String)> {
    let token = maker.good();
    let (header, claims) = (maker.header.to_string(), maker.claims.to_string());
    let mut jose = Header::new(Algorithm::HS256);
    (jose.typ, jose.kid) = (Some("at+jwt".to_owned()), Some("test".to_owned()));
    let encoded = jsonwebtoken::encode(&jose, &maker.claims, &EncodingKey::from_secret(&maker.key));
    let old_key = URL_SAFE_NO_PAD.decode(OLD_KEY).expect("base64url");
    // Health passes the token on to person.
    let audience = if maker.service == "health" { json!(["health", "person"]) } else { json!(maker.service) };
    let tokens = [
        ("encoded by the library", encoded.expect("a token")),
        ("signed by the library", token.clone()),
        ("signed with the second key", hs256(&maker.parts(&[("kid", json!("old"))]), &old_key)),
        ("typ in capitals", maker.with_header("typ", "AT+JWT")),
        ("typ as a media type", maker.with_header("typ", "application/at+jwt")),
        ("typ as a media type in capitals", maker.with_header("typ", "APPLICATION/AT+JWT")),
        ("15 levels below an unknown claim", maker.with_claim("x", nested(15))),
        ("15 levels below an unknown header parameter", maker.with_header("x", nested(15))),
        ("an unknown header parameter", maker.with_header("x", "y")),
        ("an unknown claim", maker.with_claim("x", json!({"y": [1]}))),
        (
            "white space in the JSON",
            maker.signed(header.replace(':', " : "), claims.replace(",\"", ",\r\n\t\"")),
        ),
        (
            "escapes in the JSON",
            maker.signed(header.replace("HS256", "HS25\\u0036"), claims.replace("\"ada\"", "\"\\u0061da\"")),
        ),
        ("only the audiences that see it", maker.with_claim("aud", audience)),
        ("nbf in the past", maker.with_claim("nbf", tokens::now() - 1)),
        ("no jti", maker.without_claim("jti")),
        ("4,096 bytes", of_4096_bytes(maker)),
    ];
    let mut all: Vec<_> = tokens.into_iter().map(|(name, token)| (name, format!("Bearer {token}"))).collect();
    all.push(("the scheme in lower case", format!("bearer {token}")));
    all.push(("the scheme in capitals", format!("BEARER {token}")));
    // RFC 9110 section 5.5: white space around a field's value is not part of it.
    all.push(("white space around the value", format!("  \tBearer {token} \t ")));
    all
}

/// Returns an array in an array, and so on.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |inside, _| json!([inside]))
}

/// Pads both parts: the length of a part in base64url is never one more than a multiple of four.
fn of_4096_bytes(maker: &Maker) -> String {
    let padded = |header: usize, claims: usize| {
        maker.signed(
            with(&maker.header, "x", json!("x".repeat(header))).to_string(),
            with(&maker.claims, "x", json!("x".repeat(claims))).to_string(),
        )
    };
    let about = (4096 - padded(0, 0).len()) * 3 / 4 - 8;
    let lengths = (0..4).flat_map(|header| (about..about + 12).map(move |claims| (header, claims)));
    let mut tokens = lengths.map(|(header, claims)| padded(header, claims));
    tokens.find(|token| token.len() == 4096).expect("one of the lengths fits")
}
