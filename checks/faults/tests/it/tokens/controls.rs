//! What the table of forgeries is held against: the well-made token of the same library is let in, and so is whatever
//! differs from it only in how it is written.

use faults::report;
use faults::trio::Trio;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use testkit::tokens;

use super::maker::{Maker, OLD_KEY, encode, hs256, with};

#[test]
fn a_well_made_token_of_another_library_is_let_in_however_it_is_written() {
    let trio = Trio::start(&super::maker::key_file(), &[]);
    let _ = trio
        .person
        .client
        .with_token(&tokens::user("ada"))
        .post("/persons", &json!({"name": "Ada"}))
        .expect(201);
    let _ = trio
        .health
        .client
        .with_token(&tokens::user("ada"))
        .post("/health/1", &json!({"weight": 57.5}))
        .expect(201);
    let mut asked = 0;
    for (service, path) in [("auth", "/me"), ("person", "/persons/1"), ("health", "/health/1")] {
        for (name, header) in good(&Maker::of_a_user(service), service) {
            asked += 1;
            let client = &trio.service(service).client;
            let answer = client.call("GET", path).header("Authorization", &header).send();
            assert_eq!(answer.status, 200, "{name} at {service}: {}", answer.text());
        }
    }
    let feed = trio.person.client.with_token(&Maker::of_health().good());
    let _ = feed.get("/persons/deleted").expect(200);
    asked += 1;
    report("well-made tokens of the library that forged", &format!("{asked} requests"), "all let in");
}

/// Header values that are as good as any, each with a name.
fn good(maker: &Maker, service: &str) -> Vec<(&'static str, String)> {
    let token = maker.good();
    let (header, claims) = (maker.header.to_string(), maker.claims.to_string());
    let mut by_the_book = Header::new(Algorithm::HS256);
    (by_the_book.typ, by_the_book.kid) = (Some("at+jwt".to_owned()), Some("test".to_owned()));
    let key = EncodingKey::from_secret(&maker.key);
    let encoded = jsonwebtoken::encode(&by_the_book, &maker.claims, &key).expect("it can be signed");
    let old = with(&maker.header, "kid", json!("old"));
    let parts = format!("{}.{}", encode(old.to_string()), encode(&claims));
    let old_key = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, OLD_KEY);
    // Health passes the token on to person.
    let audience = if service == "health" { json!(["health", "person"]) } else { json!(service) };
    let tokens = [
        ("as the library puts it together", encoded),
        ("as the table puts it together", token.clone()),
        ("signed with the second key", hs256(&parts, &old_key.expect("base64url"))),
        ("typ in capitals", maker.with_header("typ", "AT+JWT")),
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
        ("for the services that see it alone", maker.with_claim("aud", audience)),
        ("nbf in the past", maker.with_claim("nbf", tokens::now() - 1)),
        ("no jti", maker.without_claim("jti")),
        ("of exactly 4,096 bytes", of_4096_bytes(maker)),
    ];
    let mut all: Vec<_> = tokens.into_iter().map(|(name, token)| (name, format!("Bearer {token}"))).collect();
    all.push(("the scheme in lower case", format!("bearer {token}")));
    all.push(("the scheme in capitals", format!("BEARER {token}")));
    // RFC 9110 section 5.5: white space around a field's value is no part of it.
    all.push(("spaces round it", format!("  \tBearer {token} \t ")));
    all
}

/// A part's length in base64url is never one more than a multiple of four, so both parts are made longer.
fn of_4096_bytes(maker: &Maker) -> String {
    let filled = |header: usize, claims: usize| {
        maker.signed(
            with(&maker.header, "x", json!("x".repeat(header))).to_string(),
            with(&maker.claims, "x", json!("x".repeat(claims))).to_string(),
        )
    };
    let about = (4096 - filled(0, 0).len()) * 3 / 4 - 8;
    let lengths = (0..4).flat_map(|header| (about..about + 12).map(move |claims| (header, claims)));
    let mut tokens = lengths.map(|(header, claims)| filled(header, claims));
    tokens.find(|token| token.len() == 4096).expect("one of the lengths fits")
}
