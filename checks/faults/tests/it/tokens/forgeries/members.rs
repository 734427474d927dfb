//! Other values of header parameters and claims, in tokens with a right signature.

use serde_json::{Value, json};
use testkit::tokens::now;

use super::{ALGORITHM, KEY, MALFORMED, Row, SIGNATURE, TYPE, row};
use crate::tokens::maker::{Maker, with, without};

const NOT_NAMED: &str = "it names no issuer or no subject";
const NO_ACCOUNT: &str = "it names no account";
const ISSUER: &str = "its issuer is not accepted here";
const AUDIENCE: &str = "it is for another service";
const EXPIRED: &str = "it has expired";
const EARLY: &str = "it is not valid yet";
const LONG: &str = "it lives longer than 900 seconds";
const UNSOUND: &str = "its iat or exp is missing or invalid";

pub(super) fn rows(maker: &Maker) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, reason, values) in header_parameters() {
        for value in values.as_array().expect("an array") {
            rows.push(row(format!("{name} {value:.30}"), maker.with_header(name, value.clone()), reason));
        }
    }
    for (name, reason) in [("alg", MALFORMED), ("kid", KEY), ("typ", TYPE)] {
        rows.push(row(format!("no {name}"), maker.without_header(name), reason));
    }
    for (name, reason, values) in [claims(maker), account(maker), times(maker)].concat() {
        for value in values.as_array().expect("an array") {
            rows.push(row(format!("{name} {value}"), maker.with_claim(name, value.clone()), reason));
        }
    }
    for (name, reason) in [
        ("iss", NOT_NAMED),
        ("aud", AUDIENCE),
        ("sub", NOT_NAMED),
        ("role", MALFORMED),
        ("exp", UNSOUND),
        ("iat", UNSOUND),
    ] {
        rows.push(row(format!("no {name}"), maker.without_claim(name), reason));
    }
    if maker.claims.get("uid").is_some() {
        rows.push(row("no uid", maker.without_claim("uid"), NO_ACCOUNT));
    } else {
        for role in ["user", "admin"] {
            let claims = with(&with(&maker.claims, "uid", json!("uid-of-ada")), "role", json!(role));
            let forged = maker.signed(maker.header.to_string(), claims.to_string());
            rows.push(row(format!("role {role} with an account"), forged, ISSUER));
        }
    }
    // Values that `json!` cannot express.
    for name in ["exp", "iat"] {
        let rest = without(&maker.claims, name).to_string();
        for number in ["1e400", "NaN", "Infinity", "0x7fffffff", "+1", "1_000", "01"] {
            let claims = format!("{{\"{name}\":{number},{}", &rest[1..]);
            let forged = maker.signed(maker.header.to_string(), claims);
            rows.push(row(format!("{name} {number}"), forged, MALFORMED));
        }
    }
    rows
}

/// A member, the reason for a refusal, and the array of its values.
type Values = (&'static str, &'static str, Value);

fn header_parameters() -> Vec<Values> {
    let long = "k".repeat(2000);
    vec![
        ("alg", ALGORITHM, json!(["none", "None", "NONE", "nOnE", "HS384", "HS512", "hs256", "HS256 "])),
        ("alg", ALGORITHM, json!(["HS-256", "SHA256", "HS1", "HS2560", "", "dir", "A128KW"])),
        ("alg", MALFORMED, json!([null, ["HS256"], 256, {"alg": "HS256"}])),
        ("typ", TYPE, json!(["JWT", "jwt", "", "at+jwt ", "at+jwt;v=1", "at", "id+jwt", "logout+jwt"])),
        ("typ", TYPE, json!(["dpop+jwt", "JOSE", null])),
        ("typ", MALFORMED, json!([["at+jwt"], 1, {}])),
        ("kid", KEY, json!(["other", "", "TEST", "test ", " test", "test\0", "tes", "test,old", "*", "0"])),
        ("kid", KEY, json!([long, null])),
        ("kid", MALFORMED, json!([["test"], 1, {"test": "test"}, true])),
        // A key of the key file that has not signed the token.
        ("kid", SIGNATURE, json!(["old"])),
        (
            "typ",
            TYPE,
            json!([
                "application/jwt",
                "application/",
                "application/at+jwt ",
                "application/application/at+jwt"
            ]),
        ),
        ("crit", MALFORMED, json!([["exp"], ["b64"], ["kid"], [], "exp", {}, null, false])),
        ("b64", MALFORMED, json!([true, false, null, "false"])),
        ("zip", MALFORMED, json!(["DEF", "", null, ["DEF"]])),
        ("enc", MALFORMED, json!(["A256GCM", "", null, {}])),
    ]
}

fn claims(maker: &Maker) -> Vec<Values> {
    let (us, role) = (maker.service, maker.claims["role"].as_str().expect("a role"));
    let others: Vec<&str> = ["auth", "person", "health"].into_iter().filter(|name| *name != us).collect();
    let other = others[0];
    let (shouted, spaced) = (us.to_uppercase(), format!("{us} "));
    let (listed, words, url) = (format!("{us},{other}"), format!("{us} {other}"), format!("http://{us}"));
    // A service must name itself as the issuer, and may give no user a role; auth may give no account the role of a
    // service.
    let (issuers, roles, role_reason) = match role {
        "service" => (json!(["auth"]), json!(["user", "admin"]), NO_ACCOUNT),
        _ => (json!(["health"]), json!(["service"]), ISSUER),
    };
    vec![
        ("iss", ISSUER, issuers),
        ("iss", ISSUER, json!(["", "AUTH", "auth ", "auth/", "http://auth", "person", "Health", "lab", "*"])),
        ("iss", NOT_NAMED, json!([null])),
        ("iss", MALFORMED, json!([[maker.claims["iss"]], 1, {}, true])),
        (
            "aud",
            AUDIENCE,
            json!([[], "", [""], others, other, shouted, spaced, listed, words, url, "*", ["*"]]),
        ),
        ("aud", MALFORMED, json!([[[us]], {us: true}, {"aud": us}, 1, null, [us, 1]])),
        ("sub", NOT_NAMED, json!([null, ""])),
        ("sub", MALFORMED, json!([["ada"], 1, {"sub": "ada"}, true])),
        ("role", role_reason, roles),
        ("role", MALFORMED, json!(["root", "", "Admin", "ADMIN", role.to_uppercase(), format!("{role} ")])),
        ("role", MALFORMED, json!([format!("{role},admin"), [role], [role, "admin"], {role: null}])),
        ("role", MALFORMED, json!([{"role": role}, {}, 0, true, null])),
    ]
}

/// A service has no account, and auth gives an id to each.
fn account(maker: &Maker) -> Vec<Values> {
    match maker.claims["role"].as_str() {
        Some("service") => vec![],
        _ => vec![
            ("uid", NO_ACCOUNT, json!([null, ""])),
            ("uid", MALFORMED, json!([1, true, ["uid-of-ada"], {"uid": "uid-of-ada"}])),
        ],
    }
}

fn times(maker: &Maker) -> Vec<Values> {
    let now = now();
    let beyond_32_bits = now + 600 + (1_u64 << 32);
    let mut times = vec![
        ("exp", EXPIRED, json!([now - 60, 0, 1, 0.5, -1.5])),
        ("exp", LONG, json!([now + 930, now * 1000, beyond_32_bits, i64::MAX, u64::MAX, 1e300])),
        ("iat", EARLY, json!([now + 60, now * 1000, u64::MAX, 1e300])),
        ("iat", LONG, json!([0, now - 1200, -1.5])),
        ("nbf", EARLY, json!([now + 60, beyond_32_bits, 1e300])),
    ];
    for name in ["exp", "iat", "nbf"] {
        let good = maker.claims.get(name).cloned().unwrap_or(json!(now));
        let text = good.to_string();
        let values = json!([-1, i64::MIN, text, "never", "", [good], {"value": good}, true, null]);
        times.push((name, MALFORMED, values));
    }
    times
}
