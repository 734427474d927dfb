//! Other claims: from whom, for whom, about whom.

use serde_json::{Value, json};

use super::{Forgery, MALFORMED, token};
use crate::tokens::maker::Maker;

const NOT_NAMED: &str = "it names no issuer or no subject";
const ISSUER: &str = "its issuer is not accepted here";
const AUDIENCE: &str = "it is for another service";

pub(super) fn all(maker: &Maker) -> Vec<Forgery> {
    let mut all = Vec::new();
    for (name, reason) in [("iss", NOT_NAMED), ("aud", AUDIENCE), ("sub", NOT_NAMED), ("role", MALFORMED)] {
        all.push(token(format!("no {name}"), maker.without_claim(name), reason));
    }
    let mut claim = |name: &str, value: Value, reason| {
        all.push(token(format!("{name} {value}"), maker.with_claim(name, value), reason));
    };
    for iss in ["", "AUTH", "auth ", "auth/", "http://auth", "person", "Health", "mini-projet", "*"] {
        claim("iss", json!(iss), ISSUER);
    }
    claim("iss", Value::Null, NOT_NAMED);
    for iss in [json!([maker.claims["iss"]]), json!(1), json!({}), json!(true)] {
        claim("iss", iss, MALFORMED);
    }

    let us = maker.service;
    let others: Vec<&str> = ["auth", "person", "health"].into_iter().filter(|name| *name != us).collect();
    for aud in [
        json!([]),
        json!(""),
        json!([""]),
        json!(others),
        json!(others[0]),
        json!(us.to_uppercase()),
        json!(format!("{us} ")),
        json!(format!("{us},{}", others[0])),
        json!(format!("{us} {}", others[0])),
        json!(format!("http://{us}")),
        json!("*"),
        json!(["*"]),
    ] {
        claim("aud", aud, AUDIENCE);
    }
    for aud in [json!([[us]]), json!({us: true}), json!({"aud": us}), json!(1), Value::Null, json!([us, 1])] {
        claim("aud", aud, MALFORMED);
    }

    claim("sub", Value::Null, NOT_NAMED);
    claim("sub", json!(""), NOT_NAMED);
    for sub in [json!(["ada"]), json!(1), json!({"sub": "ada"}), json!(true)] {
        claim("sub", sub, MALFORMED);
    }

    let role = maker.claims["role"].as_str().expect("a role");
    for role in [
        json!("root"),
        json!(""),
        json!("Admin"),
        json!("ADMIN"),
        json!(role.to_uppercase()),
        json!(format!("{role} ")),
        json!(format!("{role},admin")),
        json!([role]),
        json!([role, "admin"]),
        json!({role: null}),
        json!({"role": role}),
        json!({}),
        json!(0),
        json!(true),
        Value::Null,
    ] {
        claim("role", role, MALFORMED);
    }
    if role == "service" {
        // Whoever holds the role of a service names itself; and what it signs gives nobody another role.
        claim("iss", json!("auth"), ISSUER);
        claim("role", json!("user"), ISSUER);
        claim("role", json!("admin"), ISSUER);
    } else {
        claim("iss", json!("health"), ISSUER);
        claim("role", json!("service"), ISSUER);
    }
    all
}
