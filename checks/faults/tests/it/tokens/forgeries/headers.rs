//! Other header parameters: which key, which type, where a key is to be fetched.

use serde_json::{Value, json};

use super::{Forgery, KEY, MALFORMED, SIGNATURE, TYPE, token};
use crate::tokens::maker::{Maker, encode, hs256, without};

/// The forger's key.
const OWN: [u8; 32] = [7; 32];

pub(super) fn all(maker: &Maker, nobody: &str) -> Vec<Forgery> {
    [kid(maker), typ(maker), keys_brought_along(maker, nobody), extensions(maker)]
        .into_iter()
        .flatten()
        .collect()
}

fn kid(maker: &Maker) -> Vec<Forgery> {
    let mut all = vec![token("no kid", maker.without_header("kid"), KEY)];
    let long = "k".repeat(2000);
    for kid in ["other", "", "TEST", "test ", " test", "test\0", "tes", "test,old", "*", "0", &long] {
        all.push(token(format!("kid `{kid:.20}`"), maker.with_header("kid", kid), KEY));
    }
    // What would be the key if the kid were a file, a query, a command.
    for (kid, key) in [
        ("../../../../../../dev/null", ""),
        ("/dev/null", ""),
        ("file:///dev/null", ""),
        ("/proc/sys/kernel/ostype", "Linux\n"),
        ("keys", ""),
        ("' OR '1'='1", ""),
        ("x' UNION SELECT 'forged", "forged"),
        ("test'; DROP TABLE account; --", ""),
        ("|echo forged", "forged\n"),
        ("${jndi:ldap://localhost/a}", ""),
    ] {
        let parts = maker.parts(&[("kid", json!(kid))]);
        all.push(token(format!("kid `{kid}`"), hs256(&parts, key.as_bytes()), KEY));
    }
    for kid in [json!(["test"]), json!(1), json!({"test": "test"}), json!(true)] {
        all.push(token(format!("kid {kid}"), maker.with_header("kid", kid), MALFORMED));
    }
    all.push(token("kid null", maker.with_header("kid", Value::Null), KEY));
    // A key that is there, but did not sign.
    all.push(token("another key's kid", maker.with_header("kid", "old"), SIGNATURE));
    all
}

fn typ(maker: &Maker) -> Vec<Forgery> {
    let mut all = vec![token("no typ", maker.without_header("typ"), TYPE)];
    for typ in ["JWT", "jwt", "", "at+jwt ", "at+jwt;v=1", "at", "id+jwt", "logout+jwt", "dpop+jwt", "JOSE"] {
        all.push(token(format!("typ `{typ}`"), maker.with_header("typ", typ), TYPE));
    }
    all.push(token("typ null", maker.with_header("typ", Value::Null), TYPE));
    for typ in [json!(["at+jwt"]), json!(1), json!({})] {
        all.push(token(format!("typ {typ}"), maker.with_header("typ", typ), MALFORMED));
    }
    all
}

/// The forger's own key, and where it may be found.
fn keys_brought_along(maker: &Maker, nobody: &str) -> Vec<Forgery> {
    let jwk = json!({"kty": "oct", "kid": "test", "alg": "HS256", "k": encode(OWN)});
    let mut all = Vec::new();
    for (name, value, reason) in [
        ("jku", json!(nobody), SIGNATURE),
        ("jku", json!("file:///dev/null"), SIGNATURE),
        ("x5u", json!(nobody), SIGNATURE),
        ("jwk", jwk.clone(), MALFORMED),
        ("jwk", json!(jwk.to_string()), SIGNATURE),
        ("x5c", json!([encode(OWN)]), SIGNATURE),
        ("x5t", json!(encode(OWN)), SIGNATURE),
        ("k", json!(encode(OWN)), SIGNATURE),
        ("secret", json!(encode(OWN)), SIGNATURE),
    ] {
        let forged = hs256(&maker.parts(&[(name, value)]), &OWN);
        all.push(token(format!("{name} leads to the forger's key"), forged, reason));
    }
    all
}

/// Extensions that must be understood, and are not.
fn extensions(maker: &Maker) -> Vec<Forgery> {
    let mut all = Vec::new();
    for crit in [json!(["exp"]), json!(["b64"]), json!(["kid"]), json!([]), json!("exp"), json!({})] {
        all.push(token(format!("crit {crit}"), maker.with_header("crit", crit), MALFORMED));
    }
    // RFC 7797: the claims as they are.
    let claims = maker.claims.to_string();
    let header = |crit: Value| {
        let mut header = without(&maker.header, "kid");
        (header["kid"], header["b64"], header["crit"]) = (json!("test"), json!(false), crit);
        encode(header.to_string())
    };
    let unencoded = hs256(&format!("{}.{claims}", header(json!(["b64"]))), &maker.key);
    all.push(token("b64 false", unencoded, MALFORMED));
    let unencoded = hs256(&format!("{}.{claims}", encode(maker.header.to_string())), &maker.key);
    all.push(token("claims that are not encoded", unencoded, MALFORMED));
    // One stored block of DEFLATE, RFC 1951 section 3.2.4.
    let length = u16::try_from(claims.len()).expect("short claims");
    let deflated =
        [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes()[..], claims.as_bytes()].concat();
    let mut header = maker.header.clone();
    header["zip"] = json!("DEF");
    all.push(token("zip DEF", maker.signed(header.to_string(), deflated), MALFORMED));
    all
}
