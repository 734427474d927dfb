//! Headers and claims that are no JSON, no object, or say something twice; all of them signed with the right key.

use super::{Forgery, MALFORMED, TYPE, token};
use crate::tokens::maker::Maker;

pub(super) fn all(maker: &Maker) -> Vec<Forgery> {
    let mut all = Vec::new();
    let (header, claims) = (maker.header.to_string(), maker.claims.to_string());
    for (name, mangle) in MANGLED {
        let forged = maker.signed(mangle(&header), &claims);
        all.push(token(format!("header {name}"), forged, MALFORMED));
        let forged = maker.signed(&header, mangle(&claims));
        all.push(token(format!("claims {name}"), forged, MALFORMED));
    }
    all.push(token("a header without anything", maker.signed("{}", &claims), TYPE));
    all.push(token("claims without anything", maker.signed(&header, "{}"), MALFORMED));
    // In a header it would be skipped; the claims are held in memory.
    let deep = format!("{{\"x\":{}{},", "[".repeat(500), "]".repeat(500));
    let deep = maker.signed(&header, claims.replacen('{', &deep, 1));
    all.push(token("claims 500 levels deep", deep, MALFORMED));
    let list = format!("[\"HS256\",null,{},{}]", maker.header["kid"], maker.header["typ"]);
    all.push(token(
        "a header that is a list of what should be in it",
        maker.signed(list, &claims),
        MALFORMED,
    ));
    // In the order of the claims in a token of ours and in the one of RFC 7519.
    for names in [["aud", "exp", "iat", "iss", "jti", "sub"], ["iat", "exp", "iss", "sub", "aud", "jti"]] {
        let values: Vec<String> = names.iter().map(|name| maker.claims[name].to_string()).collect();
        let forged = maker.signed(&header, format!("[{}]", values.join(",")));
        all.push(token("claims that are a list of what should be in it", forged, MALFORMED));
    }
    for (name, twice) in [
        ("alg", r#""alg":"none""#),
        ("alg", r#""alg":"HS256""#),
        ("alg, once escaped", r#""\u0061lg":"none""#),
        ("kid", r#""kid":"old""#),
        ("kid", r#""kid":"test""#),
        ("typ", r#""typ":"JWT""#),
        ("crit", r#""crit":["exp"],"crit":[]"#),
    ] {
        all.push(twice_in(name, twice, &header, |header| maker.signed(header, &claims)));
        all.push(twice_in(name, twice, &header, |header| {
            let parts = maker.signed(header, &claims);
            let (parts, _) = parts.rsplit_once('.').expect("three parts");
            format!("{parts}.")
        }));
    }
    for (name, twice) in [
        ("sub", r#""sub":"root""#),
        ("sub", r#""sub":"ada""#),
        ("sub, once escaped", r#""\u0073ub":"root""#),
        ("role", r#""role":"admin""#),
        ("role", r#""role":"user""#),
        ("role, once escaped", r#""r\u006fle":"admin""#),
        ("iss", r#""iss":"auth""#),
        ("iss", r#""iss":"health""#),
        ("aud", r#""aud":["other"]"#),
        ("exp", r#""exp":99999999999"#),
        ("exp, once in another way", r#""exp":1e11"#),
        ("iat", r#""iat":1"#),
        ("nbf", r#""nbf":1,"nbf":99999999999"#),
        ("jti", r#""jti":"again""#),
    ] {
        all.push(twice_in(name, twice, &claims, |claims| maker.signed(&header, claims)));
    }
    all
}

/// The same member, first and once more after the others.
fn twice_in(name: &str, member: &str, object: &str, sign: impl Fn(String) -> String) -> Forgery {
    let changed = format!("{},{member}}}", &object[..object.len() - 1]);
    token(format!("{name} twice: {member}"), sign(changed), MALFORMED)
}

type Mangle = fn(&str) -> Vec<u8>;

const MANGLED: &[(&str, Mangle)] = &[
    ("that are empty", |_| Vec::new()),
    ("in a list", |text| format!("[{text}]").into_bytes()),
    ("in a string", |text| serde_json::Value::from(text).to_string().into_bytes()),
    ("that are null", |_| b"null".to_vec()),
    ("that are a number", |_| b"1".to_vec()),
    ("after a byte order mark", |text| format!("\u{feff}{text}").into_bytes()),
    ("in UTF-16", |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("cut short", |text| text.as_bytes()[..text.len() - 1].to_vec()),
    ("twice", |text| text.repeat(2).into_bytes()),
    ("with a comma after them", |text| format!("{text},").into_bytes()),
    ("with a comma at their end", |text| text.replace('}', ",}").into_bytes()),
    ("with a comment", |text| text.replacen('{', "{/**/", 1).into_bytes()),
    ("in single quotes", |text| text.replace('"', "'").into_bytes()),
    ("with a NUL after them", |text| format!("{text}\0").into_bytes()),
    ("with a NUL before them", |text| format!("\0{text}").into_bytes()),
    ("with a line feed in a string", |text| text.replacen("\":\"", "\":\"\n", 1).into_bytes()),
    ("with half a surrogate", |text| text.replacen("\":\"", "\":\"\\ud800", 1).into_bytes()),
    ("that are not UTF-8", |text| {
        let at = text.find("\":\"").expect("a string") + 3;
        [&text.as_bytes()[..at], b"\xff", &text.as_bytes()[at..]].concat()
    }),
    ("with an overlong character", |text| {
        let at = text.find("\":\"").expect("a string") + 3;
        [&text.as_bytes()[..at], b"\xc0\xaf", &text.as_bytes()[at..]].concat()
    }),
];
