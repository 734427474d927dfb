//! Headers and claims that are not JSON, not an object, that nest too deep, or have a member twice; all with a right signature.

use serde_json::{Value, json};

use super::{MALFORMED, Row, TYPE, row};
use crate::tokens::maker::{Maker, encode, hs256, with};

pub(super) fn rows(maker: &Maker) -> Vec<Row> {
    let (header, claims) = (maker.header.to_string(), maker.claims.to_string());
    let mut rows = Vec::new();
    for (name, mangle) in MANGLED {
        rows.push(row(format!("header {name}"), maker.signed(mangle(&header), &claims), MALFORMED));
        rows.push(row(format!("claims {name}"), maker.signed(&header, mangle(&claims)), MALFORMED));
    }
    rows.push(row("an empty header", maker.signed("{}", &claims), TYPE));
    rows.push(row("empty claims", maker.signed(&header, "{}"), MALFORMED));
    for levels in [16, 100, 700] {
        let deep = format!("{{\"x\":{}{},", "[".repeat(levels), "]".repeat(levels));
        let objects = format!("{{\"x\":{}1{},", "{\"x\":".repeat(levels), "}".repeat(levels));
        for deep in [deep, objects].iter().filter(|deep| deep.len() < 2000) {
            let (name, deeper) =
                (format!("{levels} levels below x"), |json: &str| json.replacen('{', deep, 1));
            rows.push(row(format!("header {name}"), maker.signed(deeper(&header), &claims), MALFORMED));
            rows.push(row(format!("claims {name}"), maker.signed(&header, deeper(&claims)), MALFORMED));
        }
    }
    // Serde reads a struct from an array of its fields too: in the order of the service, and in that of RFC 7519.
    let array = json!(["HS256", null, maker.header["kid"], maker.header["typ"]]).to_string();
    rows.push(row("a header as an array", maker.signed(array, &claims), MALFORMED));
    for names in [["aud", "exp", "iat", "iss", "jti", "sub"], ["iat", "exp", "iss", "sub", "aud", "jti"]] {
        let array = Value::from_iter(names.map(|name| maker.claims[name].clone()));
        rows.push(row("claims as an array", maker.signed(&header, array.to_string()), MALFORMED));
    }
    rows.extend(doubled(maker, &header, &claims));
    rows.extend(unencoded(maker, &claims));
    rows
}

/// Members of the header and of the claims that are given a second time.
fn doubled(maker: &Maker, header: &str, claims: &str) -> Vec<Row> {
    let add = |object: &str, member: &str| format!("{},{member}}}", &object[..object.len() - 1]);
    let mut rows = Vec::new();
    for member in [
        r#""alg":"none""#,
        r#""alg":"HS256""#,
        r#""\u0061lg":"none""#,
        r#""kid":"old""#,
        r#""kid":"test""#,
        r#""typ":"JWT""#,
        r#""crit":["exp"],"crit":[]"#,
        r#""x":1,"x":1"#,
        r#""x":1,"\u0078":2"#,
        r#""x":{"y":[{"z":1,"z":1}]}"#,
    ] {
        let forged = maker.signed(add(header, member), claims);
        let (unsigned, _) = forged.rsplit_once('.').expect("three parts");
        rows.push(row(format!("unsigned, header twice: {member}"), format!("{unsigned}."), MALFORMED));
        rows.push(row(format!("header twice: {member}"), forged, MALFORMED));
    }
    for member in [
        r#""sub":"root""#,
        r#""sub":"ada""#,
        r#""\u0073ub":"root""#,
        r#""role":"admin""#,
        r#""role":"user""#,
        r#""r\u006fle":"admin""#,
        r#""iss":"auth""#,
        r#""iss":"health""#,
        r#""aud":["other"]"#,
        r#""exp":99999999999"#,
        r#""exp":1e11"#,
        r#""iat":1"#,
        r#""nbf":1,"nbf":99999999999"#,
        r#""jti":"again""#,
        r#""uid":"uid-of-bob","uid":"uid-of-ada""#,
        r#""x":1,"x":1"#,
        r#""x":1,"\u0078":2"#,
        r#""x":[{"y":{"z":1,"z":1}}]"#,
    ] {
        let forged = maker.signed(header, add(claims, member));
        rows.push(row(format!("claims twice: {member}"), forged, MALFORMED));
    }
    rows
}

/// Claims without base64url (RFC 7797), and compressed claims.
fn unencoded(maker: &Maker, claims: &str) -> Vec<Row> {
    let b64 = with(&with(&maker.header, "b64", json!(false)), "crit", json!(["b64"]));
    let plain = |header: &Value| hs256(&format!("{}.{claims}", encode(header.to_string())), &maker.key);
    // One stored block of DEFLATE, RFC 1951 section 3.2.4.
    let length = u16::try_from(claims.len()).expect("short claims");
    let deflated =
        [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes()[..], claims.as_bytes()].concat();
    let zip = with(&maker.header, "zip", json!("DEF")).to_string();
    vec![
        row("b64 false", plain(&b64), MALFORMED),
        row("claims without base64url", plain(&maker.header), MALFORMED),
        row("zip DEF", maker.signed(zip, deflated), MALFORMED),
    ]
}

type Mangle = fn(&str) -> Vec<u8>;

const MANGLED: &[(&str, Mangle)] = &[
    ("of zero bytes", |_| Vec::new()),
    ("in an array", |text| format!("[{text}]").into_bytes()),
    ("in a string", |text| Value::from(text).to_string().into_bytes()),
    ("null", |_| b"null".to_vec()),
    ("as a number", |_| b"1".to_vec()),
    ("after a byte order mark", |text| format!("\u{feff}{text}").into_bytes()),
    ("in UTF-16", |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("cut short", |text| text.as_bytes()[..text.len() - 1].to_vec()),
    ("twice", |text| text.repeat(2).into_bytes()),
    ("with a comma after the object", |text| format!("{text},").into_bytes()),
    ("with a comma after the last member", |text| text.replace('}', ",}").into_bytes()),
    ("with a comment", |text| text.replacen('{', "{/**/", 1).into_bytes()),
    ("in single quotes", |text| text.replace('"', "'").into_bytes()),
    ("with a NUL at the end", |text| format!("{text}\0").into_bytes()),
    ("with a NUL at the start", |text| format!("\0{text}").into_bytes()),
    ("with a line feed in a string", |text| text.replacen("\":\"", "\":\"\n", 1).into_bytes()),
    ("with half a surrogate", |text| text.replacen("\":\"", "\":\"\\ud800", 1).into_bytes()),
    ("with a byte that is not UTF-8", |text| in_first_string(text, b"\xff")),
    ("with an overlong character", |text| in_first_string(text, b"\xc0\xaf")),
];

fn in_first_string(text: &str, bytes: &[u8]) -> Vec<u8> {
    let at = text.find("\":\"").expect("a string") + 3;
    [&text.as_bytes()[..at], bytes, &text.as_bytes()[at..]].concat()
}
