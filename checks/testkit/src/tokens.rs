//! Keys for tests, good tokens, and forged ones.

use std::time::{SystemTime, UNIX_EPOCH};

use jwt_simple::prelude::{HS256Key, MACLike as _};
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Decoder as _, Encoder as _};
use serde_json::{Value, json};
use token::{Holder, Keys, Role, mint};

/// A key file for tests; its first key is [`secret`].
pub const KEY_FILE: &str = "test:q83vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKk\n";

/// Returns the bytes of the key in [`KEY_FILE`].
pub fn secret() -> Vec<u8> {
    let (_, encoded) = KEY_FILE.trim().split_once(':').expect("a key line");
    decode(encoded)
}

/// Returns the keys of [`KEY_FILE`].
pub fn keys() -> Keys {
    Keys::parse(KEY_FILE).expect("a good key file")
}

/// Returns a good token of a user; the id of the account is [`uid`].
pub fn user(name: &str) -> String {
    user_with_uid(name, &uid(name))
}

/// Returns a good token of the user whose account has this id.
pub fn user_with_uid(name: &str, uid: &str) -> String {
    account(Holder { subject: name, role: Role::User, uid: Some(uid) })
}

/// Returns a good token of an administrator.
pub fn admin(name: &str) -> String {
    account(Holder { subject: name, role: Role::Admin, uid: Some(&uid(name)) })
}

fn account(holder: Holder<'_>) -> String {
    mint(&keys(), "auth", &["person", "health", "auth"], holder, 900)
}

/// Returns the id of a user's account: the same for each name, without a registration.
pub fn uid(name: &str) -> String {
    format!("uid-of-{name}")
}

/// Returns a token as the health service signs it for itself.
pub fn service() -> String {
    let holder = Holder { subject: "health", role: Role::Service, uid: None };
    mint(&keys(), "health", &["person"], holder, 60)
}

/// Returns the seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// Returns the header of a good token.
pub fn header() -> Value {
    json!({"alg": "HS256", "typ": "at+jwt", "kid": "test"})
}

/// Returns the claims of a good token of the user `ada`.
pub fn claims() -> Value {
    json!({
        "iss": "auth", "aud": ["person", "health", "auth"], "sub": "ada", "role": "user",
        "uid": uid("ada"), "iat": now(), "exp": now() + 900, "jti": "0123456789abcdef",
    })
}

/// Signs any header and claims with HS256 and this key.
pub fn forge(header: &Value, claims: &Value, key: &[u8]) -> String {
    sign(&format!("{}.{}", encode(header.to_string()), encode(claims.to_string())), key)
}

/// Adds the HS256 signature to the two encoded parts of a token.
pub fn sign(parts: &str, key: &[u8]) -> String {
    let tag = HS256Key::from_bytes(key).authentication_tag(parts.as_bytes());
    format!("{parts}.{}", encode(tag))
}

/// Returns the header and the claims of a token without verifying it.
pub fn read(token: &str) -> (Value, Value) {
    let json = |part| serde_json::from_slice(&decode(part)).expect("JSON");
    match token.split('.').collect::<Vec<_>>()[..] {
        [header, claims, _] => (json(header), json(claims)),
        _ => panic!("not three parts: {token}"),
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlSafeNoPadding::encode_to_string(bytes).expect("bytes can be encoded")
}

fn decode(text: &str) -> Vec<u8> {
    Base64UrlSafeNoPadding::decode_to_vec(text, None).expect("base64url")
}

/// Returns a forged token for each check of the chassis, with the name of the forgery.
pub fn forgeries() -> Vec<(&'static str, String)> {
    let (good_header, good_claims, key) = (header(), claims(), secret());
    let good = forge(&good_header, &good_claims, &key);
    let unsigned = &good[..=good.rfind('.').expect("a signature")];
    let mut all = vec![
        ("no signature", unsigned.to_owned()),
        ("another key", forge(&good_header, &good_claims, &[7; 32])),
        ("a changed signature", format!("{unsigned}{}", "A".repeat(43))),
        ("an array as header", forge(&json!(["HS256", null, "test", "at+jwt"]), &good_claims, &key)),
        ("no dots", "abc".to_owned()),
        ("four parts", format!("{good}.x")),
    ];
    for (name, parameter, value) in [
        ("alg none", "alg", json!("none")),
        ("alg HS512", "alg", json!("HS512")),
        ("typ JWT", "typ", json!("JWT")),
        ("an unknown kid", "kid", json!("other")),
        ("a critical extension", "crit", json!(["b64"])),
        ("an empty list of critical extensions", "crit", json!([])),
        ("no list of critical extensions", "crit", json!(null)),
        ("unencoded claims", "b64", json!(true)),
        ("compressed claims", "zip", json!("DEF")),
        ("encrypted claims", "enc", json!("A256GCM")),
    ] {
        let mut header = good_header.clone();
        header[parameter] = value;
        all.push((name, forge(&header, &good_claims, &key)));
    }
    for (name, claim, value) in [
        ("an empty subject", "sub", json!("")),
        ("an empty account", "uid", json!("")),
        ("an account that is no text", "uid", json!(1)),
        ("a role in an object", "role", json!({"user": null})),
        ("another issuer", "iss", json!("other")),
        ("the issuer of a service", "iss", json!("health")),
        ("another audience", "aud", json!(["other"])),
        ("an unknown role", "role", json!("root")),
        ("the role of a service", "role", json!("service")),
        ("expired", "exp", json!(now() - 10)),
        ("issued in the future", "iat", json!(now() + 60)),
        ("not valid yet", "nbf", json!(now() + 60)),
        ("a lifetime over 900 s", "exp", json!(now() + 901)),
        ("an expiry that is text", "exp", json!("never")),
        ("over 4,096 bytes", "padding", json!("x".repeat(4096))),
    ] {
        let mut claims = good_claims.clone();
        claims[claim] = value;
        all.push((name, forge(&good_header, &claims, &key)));
    }
    let without = |object: &Value, name: &str| {
        let mut changed = object.clone();
        changed.as_object_mut().expect("an object").remove(name);
        changed
    };
    all.push(("no typ", forge(&without(&good_header, "typ"), &good_claims, &key)));
    all.push(("no kid", forge(&without(&good_header, "kid"), &good_claims, &key)));
    for name in ["iss", "aud", "sub", "uid", "role", "iat", "exp"] {
        all.push(("a claim is missing", forge(&good_header, &without(&good_claims, name), &key)));
    }
    let parts = |header: &str, claims: &str| sign(&format!("{}.{}", encode(header), encode(claims)), &key);
    let twice = |object: &Value| object.to_string().replacen('{', "{\"x\":1,\"x\":1,", 1);
    let deep = format!("{{\"x\":{}{},", "[".repeat(700), "]".repeat(700));
    let deep = |object: &Value| object.to_string().replacen('{', &deep, 1);
    let (header, claims) = (good_header.to_string(), good_claims.to_string());
    all.push(("a doubled header parameter", parts(&twice(&good_header), &claims)));
    all.push(("a doubled claim", parts(&header, &twice(&good_claims))));
    all.push(("a header 700 levels deep", parts(&deep(&good_header), &claims)));
    all.push(("claims 700 levels deep", parts(&header, &deep(&good_claims))));
    all
}
