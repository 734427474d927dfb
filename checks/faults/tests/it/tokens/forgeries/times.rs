//! Other times.

use serde_json::{Value, json};
use testkit::tokens::now;

use super::{Forgery, MALFORMED, token};
use crate::tokens::maker::{Maker, with, without};

const EXPIRED: &str = "it has expired";
const EARLY: &str = "it is not valid yet";
const LONG: &str = "it lives longer than 900 seconds";
const UNSOUND: &str = "it has no sound iat and exp";

pub(super) fn all(maker: &Maker) -> Vec<Forgery> {
    let now = now();
    let mut all = vec![
        token("no exp", maker.without_claim("exp"), UNSOUND),
        token("no iat", maker.without_claim("iat"), UNSOUND),
    ];
    let mut claim = |name: &str, value: Value, reason| {
        all.push(token(format!("{name} {value}"), maker.with_claim(name, value), reason));
    };
    for (exp, reason) in [
        (json!(now - 60), EXPIRED),
        (json!(0), EXPIRED),
        (json!(1), EXPIRED),
        (json!(0.5), EXPIRED),
        (json!(-1.5), EXPIRED),
        (json!(now + 930), LONG),
        (json!(now * 1000), LONG),
        (json!(now + 600 + (1_u64 << 32)), LONG),
        (json!(i64::MAX), LONG),
        (json!(u64::MAX), LONG),
        (json!(1e300), LONG),
    ] {
        claim("exp", exp, reason);
    }
    for (name, value) in [("iat", now + 60), ("iat", now * 1000), ("iat", u64::MAX), ("nbf", now + 60)] {
        claim(name, json!(value), EARLY);
    }
    claim("iat", json!(1e300), EARLY);
    claim("nbf", json!(1e300), EARLY);
    claim("nbf", json!(now + (1_u64 << 32)), EARLY);
    for iat in [json!(0), json!(now - 1200), json!(-1.5)] {
        claim("iat", iat, LONG);
    }
    for name in ["exp", "iat", "nbf"] {
        let whole = maker.claims.get(name).cloned().unwrap_or(json!(now));
        for value in [
            json!(-1),
            json!(i64::MIN),
            json!(whole.to_string()),
            json!("never"),
            json!(""),
            json!([whole]),
            json!({"value": whole}),
            json!(true),
            Value::Null,
        ] {
            claim(name, value, MALFORMED);
        }
    }
    // Either alone is within the skew of the clocks.
    let backwards = with(&with(&maker.claims, "iat", json!(now + 4)), "exp", json!(now + 3));
    let backwards = maker.signed(maker.header.to_string(), backwards.to_string());
    all.push(token("exp before iat", backwards, UNSOUND));
    all.extend(numbers_that_are_none(maker));
    all
}

/// What `json!` cannot say.
fn numbers_that_are_none(maker: &Maker) -> Vec<Forgery> {
    let mut all = Vec::new();
    for name in ["exp", "iat"] {
        let rest = without(&maker.claims, name).to_string();
        for number in ["1e400", "NaN", "Infinity", "0x7fffffff", "+1", "1_000", "01"] {
            let claims = format!("{{\"{name}\":{number},{}", &rest[1..]);
            let forged = maker.signed(maker.header.to_string(), claims);
            all.push(token(format!("{name} {number}"), forged, MALFORMED));
        }
    }
    all
}
