//! Other algorithms than the one, said, used, or both.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{ALGORITHM, Forgery, MALFORMED, SIGNATURE, token};
use crate::tokens::maker::{Maker, hs256, signed};
use crate::tokens::vectors;

/// RFC 8037 appendix A.1, as PKCS #8.
const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";

pub(super) fn all(maker: &Maker) -> Vec<Forgery> {
    let mut all = Vec::new();
    let saying = |alg: Value| maker.parts(&[("alg", alg)]);
    for none in ["none", "None", "NONE", "nOnE"] {
        all.push(token(format!("alg {none}, unsigned"), format!("{}.", saying(json!(none))), ALGORITHM));
        all.push(token(format!("alg {none}, signed"), hs256(&saying(json!(none)), &maker.key), ALGORITHM));
    }
    all.push(token("unsigned", format!("{}.", saying(json!("HS256"))), SIGNATURE));
    all.push(token("unsigned, and no second dot", saying(json!("HS256")), MALFORMED));
    for alg in ["hs256", "HS256 ", "HS-256", "SHA256", "HS1", "HS2560", "", "dir", "A128KW"] {
        all.push(token(format!("alg `{alg}`"), maker.with_header("alg", alg), ALGORITHM));
    }
    for alg in [json!(null), json!(["HS256"]), json!(256), json!({"alg": "HS256"})] {
        all.push(token(format!("alg {alg}"), maker.with_header("alg", alg), MALFORMED));
    }
    all.push(token("no alg", maker.without_header("alg"), MALFORMED));
    all.extend(longer_hashes(maker));
    all.extend(key_pairs(maker));
    all
}

/// The right key, with the other two hashes: said, and not said.
fn longer_hashes(maker: &Maker) -> Vec<Forgery> {
    let key = EncodingKey::from_secret(&maker.key);
    let mut all = Vec::new();
    for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let said = maker.parts(&[("alg", json!(name))]);
        all.push(token(name, signed(&said, &key, algorithm), ALGORITHM));
        all.push(token(format!("{name}, but HS256 was used"), hs256(&said, &maker.key), ALGORITHM));
        let silent = signed(&maker.parts(&[]), &key, algorithm);
        all.push(token(format!("{name} was used, but not said"), silent, SIGNATURE));
    }
    all
}

/// Key pairs that the forger has, and their public halves as secrets of HMAC.
fn key_pairs(maker: &Maker) -> Vec<Forgery> {
    let vectors = vectors::read();
    let der =
        |name: &str| STANDARD.decode(vectors[name].as_str().expect("a key")).expect("base64 of the vectors");
    let rsa = EncodingKey::from_rsa_der(&der("rsa"));
    let ec = EncodingKey::from_ec_der(&der("ec"));
    let ed = EncodingKey::from_ed_der(&STANDARD.decode(ED25519).expect("base64"));
    let mut all = Vec::new();
    for (name, key, algorithm) in [
        ("RS256", &rsa, Algorithm::RS256),
        ("PS256", &rsa, Algorithm::PS256),
        ("ES256", &ec, Algorithm::ES256),
        ("EdDSA", &ed, Algorithm::EdDSA),
    ] {
        let said = maker.parts(&[("alg", json!(name))]);
        all.push(token(name, signed(&said, key, algorithm), ALGORITHM));
        let silent = signed(&maker.parts(&[]), key, algorithm);
        all.push(token(format!("{name} was used, but not said"), silent, SIGNATURE));
    }
    let public = der("rsa_public");
    let text = STANDARD.encode(&public);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    for (name, secret) in [("DER", &public[..]), ("PEM", pem.as_bytes())] {
        let forged = hs256(&maker.parts(&[]), secret);
        all.push(token(format!("a public key as the secret, in {name}"), forged, SIGNATURE));
    }
    all
}
