//! Other keys and algorithms than the right one, and keys that the token itself brings along.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

use super::{ALGORITHM, KEY, MALFORMED, Row, SIGNATURE, row};
use crate::tokens::maker::{Maker, OLD_KEY, encode, hs256, signed};
use crate::tokens::vectors;

/// The key of the attacker.
const FOREIGN: [u8; 32] = [7; 32];
/// RFC 8037 appendix A.1, as PKCS #8.
const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
/// RFC 7515 appendix A.1.
const RFC_7515: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

/// Secrets from tutorials, documentation and examples of libraries.
const WELL_KNOWN: &str = "secret your-256-bit-secret a-string-secret-at-least-256-bits-long shhhhh AllYourBase \
                          my_secret_key supersecret changeme password key jwt_secret dev test mini-projet";

pub(super) fn rows(maker: &Maker, foreign_keys: &str) -> Vec<Row> {
    [secrets(maker), algorithms(maker), injected_keys(maker, foreign_keys)].concat()
}

/// Tokens with a right header and another secret.
fn secrets(maker: &Maker) -> Vec<Row> {
    let key = &maker.key[..];
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let public_key = vectors::key("rsa_public");
    let pem = STANDARD.encode(&public_key);
    let lines: Vec<&str> = (0..pem.len()).step_by(64).map(|at| &pem[at..pem.len().min(at + 64)]).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    let mut secrets = vec![
        ("another", FOREIGN.to_vec()),
        ("an empty one", Vec::new()),
        ("zeros", vec![0; 32]),
        ("a byte short", key[..key.len() - 1].to_vec()),
        ("the first half", key[..16].to_vec()),
        ("a bit flipped", [&[key[0] ^ 1], &key[1..]].concat()),
        ("backwards", key.iter().rev().copied().collect()),
        ("twice", key.repeat(2)),
        ("as base64url", URL_SAFE_NO_PAD.encode(key).into_bytes()),
        ("in hexadecimal", hex.into_bytes()),
        ("the other key of the file", decode(OLD_KEY)),
        ("the key of RFC 7515", decode(RFC_7515)),
        ("a public key in DER", public_key),
        ("a public key in PEM", pem.into_bytes()),
    ];
    secrets.extend(WELL_KNOWN.split_whitespace().map(|secret| (secret, secret.as_bytes().to_vec())));
    let parts = maker.parts(&[]);
    secrets.iter().map(|(name, key)| row(format!("key: {name}"), hs256(&parts, key), SIGNATURE)).collect()
}

/// Tokens that are unsigned, or signed with another algorithm, with and without its name in the header.
fn algorithms(maker: &Maker) -> Vec<Row> {
    let unsigned = maker.parts(&[]);
    let mut rows = vec![
        row("unsigned", format!("{unsigned}."), SIGNATURE),
        row("unsigned, without the second dot", &unsigned[..], MALFORMED),
    ];
    for none in ["none", "None", "NONE", "nOnE"] {
        let parts = maker.parts(&[("alg", json!(none))]);
        rows.push(row(format!("alg {none}, unsigned"), format!("{parts}."), ALGORITHM));
    }
    let secret = EncodingKey::from_secret(&maker.key);
    let rsa = EncodingKey::from_rsa_der(&vectors::key("rsa"));
    let ec = EncodingKey::from_ec_der(&vectors::key("ec"));
    let ed = EncodingKey::from_ed_der(&STANDARD.decode(ED25519).expect("base64"));
    for (name, key, algorithm) in [
        ("HS384", &secret, Algorithm::HS384),
        ("HS512", &secret, Algorithm::HS512),
        ("RS256", &rsa, Algorithm::RS256),
        ("PS256", &rsa, Algorithm::PS256),
        ("ES256", &ec, Algorithm::ES256),
        ("EdDSA", &ed, Algorithm::EdDSA),
    ] {
        let parts = maker.parts(&[("alg", json!(name))]);
        rows.push(row(format!("signed with {name}"), signed(&parts, key, algorithm), ALGORITHM));
        let parts = signed(&maker.parts(&[]), key, algorithm);
        rows.push(row(format!("signed with {name} under alg HS256"), parts, SIGNATURE));
    }
    rows
}

/// The attacker's key in the header or at an address in it, and values of `kid` that name a file, a query or a command
/// with a known result.
fn injected_keys(maker: &Maker, foreign_keys: &str) -> Vec<Row> {
    let jwk = json!({"kty": "oct", "kid": "test", "alg": "HS256", "k": encode(FOREIGN)});
    let mut rows = Vec::new();
    for (name, value, reason) in [
        ("jku", json!(foreign_keys), SIGNATURE),
        ("jku", json!("file:///dev/null"), SIGNATURE),
        ("x5u", json!(foreign_keys), SIGNATURE),
        ("jwk", jwk.clone(), MALFORMED),
        ("jwk", json!(jwk.to_string()), SIGNATURE),
        ("x5c", json!([encode(FOREIGN)]), SIGNATURE),
        ("x5t", json!(encode(FOREIGN)), SIGNATURE),
        ("k", json!(encode(FOREIGN)), SIGNATURE),
        ("secret", json!(encode(FOREIGN)), SIGNATURE),
    ] {
        let forged = hs256(&maker.parts(&[(name, value)]), &FOREIGN);
        rows.push(row(format!("{name} with the attacker's key"), forged, reason));
    }
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
        rows.push(row(format!("kid `{kid}`"), hs256(&parts, key.as_bytes()), KEY));
    }
    rows
}
