//! Keys for tests, good tokens, and forged ones.

use std::time::{SystemTime, UNIX_EPOCH};

use jwt_simple::prelude::{HS256Key, MACLike as _};
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Encoder as _};
use serde_json::{Value, json};
use token::Keys;
use token::{Role, mint};

/// A key file for tests; its first key is [`secret`].
pub const KEY_FILE: &str = "test:q83vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKk\n";

/// The bytes of the key in [`KEY_FILE`].
pub fn secret() -> Vec<u8> {
    use jwt_simple::reexports::ct_codecs::Decoder as _;
    let (_, encoded) = KEY_FILE.trim().split_once(':').expect("a key line");
    Base64UrlSafeNoPadding::decode_to_vec(encoded, None).expect("base64url")
}

/// The keys of [`KEY_FILE`].
pub fn keys() -> Keys {
    Keys::parse(KEY_FILE).expect("a good key file")
}

/// A good token of a user.
pub fn user(name: &str) -> String {
    mint(&keys(), "auth", &["person", "health", "auth"], name, Role::User, 900)
}

/// A good token of an administrator.
pub fn admin(name: &str) -> String {
    mint(&keys(), "auth", &["person", "health", "auth"], name, Role::Admin, 900)
}

/// The token that the health service signs for itself.
pub fn service() -> String {
    mint(&keys(), "health", &["person"], "health", Role::Service, 60)
}

/// Seconds since 1970.
///
/// # Panics
/// If the clock stands before it.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// The header of a good token.
pub fn header() -> Value {
    json!({"alg": "HS256", "typ": "at+jwt", "kid": "test"})
}

/// The claims of a good token of the user `ada`.
pub fn claims() -> Value {
    json!({
        "iss": "auth", "aud": ["person", "health", "auth"], "sub": "ada", "role": "user",
        "iat": now(), "exp": now() + 900, "jti": "0123456789abcdef",
    })
}

/// Signs any header and claims with HS256 and this key.
///
/// # Panics
/// Never.
pub fn forge(header: &Value, claims: &Value, key: &[u8]) -> String {
    let encode = |bytes: &[u8]| Base64UrlSafeNoPadding::encode_to_string(bytes).expect("can be encoded");
    sign(&format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes())), key)
}

/// Adds the HS256 signature to the two encoded parts of a token.
///
/// # Panics
/// Never.
pub fn sign(parts: &str, key: &[u8]) -> String {
    let tag = HS256Key::from_bytes(key).authentication_tag(parts.as_bytes());
    format!("{parts}.{}", Base64UrlSafeNoPadding::encode_to_string(tag).expect("can be encoded"))
}

/// The header and the claims of a token, unverified.
///
/// # Panics
/// If it is no token.
pub fn read(token: &str) -> (Value, Value) {
    use jwt_simple::reexports::ct_codecs::Decoder as _;
    let part = |part: &str| Base64UrlSafeNoPadding::decode_to_vec(part, None).expect("base64url");
    let json = |bytes: Vec<u8>| serde_json::from_slice(&bytes).expect("JSON");
    match token.split('.').collect::<Vec<_>>()[..] {
        [header, claims, _] => (json(part(header)), json(part(claims))),
        _ => panic!("not three parts: {token}"),
    }
}

/// Every way in which a token may be wrong that one of the chassis's checks is there for, each with a name.
pub fn forgeries() -> Vec<(&'static str, String)> {
    let (good_header, good_claims, key) = (header(), claims(), secret());
    let with = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let without = |base: &Value, name: &str| {
        let mut changed = base.clone();
        changed.as_object_mut().expect("an object").remove(name);
        changed
    };
    let claim = |name: &str, value: Value| forge(&good_header, &with(&good_claims, name, value), &key);
    let good = forge(&good_header, &good_claims, &key);
    let unsigned = &good[..=good.rfind('.').expect("a signature")];
    let mut all = vec![
        ("no signature", unsigned.to_owned()),
        ("another key", forge(&good_header, &good_claims, &[7; 32])),
        ("a changed signature", format!("{unsigned}{}", "A".repeat(43))),
        ("alg none", forge(&with(&good_header, "alg", json!("none")), &good_claims, &key)),
        ("alg HS512", forge(&with(&good_header, "alg", json!("HS512")), &good_claims, &key)),
        ("typ JWT", forge(&with(&good_header, "typ", json!("JWT")), &good_claims, &key)),
        ("no typ", forge(&without(&good_header, "typ"), &good_claims, &key)),
        ("an unknown kid", forge(&with(&good_header, "kid", json!("other")), &good_claims, &key)),
        ("no kid", forge(&without(&good_header, "kid"), &good_claims, &key)),
        ("a critical extension", forge(&with(&good_header, "crit", json!(["b64"])), &good_claims, &key)),
        (
            "an empty list of critical extensions",
            forge(&with(&good_header, "crit", json!([])), &good_claims, &key),
        ),
        ("a list for a header", forge(&json!(["HS256", null, "test", "at+jwt"]), &good_claims, &key)),
        ("an empty subject", claim("sub", json!(""))),
        ("a role in an object", claim("role", json!({"user": null}))),
        ("another issuer", claim("iss", json!("other"))),
        ("the issuer of a service", claim("iss", json!("health"))),
        ("another audience", claim("aud", json!(["other"]))),
        ("an unknown role", claim("role", json!("root"))),
        ("the role of a service", claim("role", json!("service"))),
        ("expired", claim("exp", json!(now() - 10))),
        ("issued in the future", claim("iat", json!(now() + 60))),
        ("not valid yet", claim("nbf", json!(now() + 60))),
        ("too long a life", claim("exp", json!(now() + 901))),
        ("an expiry that is text", claim("exp", json!("never"))),
        ("no dots", "abc".to_owned()),
        ("four parts", format!("{good}.x")),
        ("over 4,096 bytes", claim("padding", json!("x".repeat(4096)))),
    ];
    for name in ["iss", "aud", "sub", "role", "iat", "exp"] {
        all.push(("a claim is missing", forge(&good_header, &without(&good_claims, name), &key)));
    }
    all
}
