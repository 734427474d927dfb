//! Other keys than the one that the token names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Forgery, SIGNATURE, token};
use crate::tokens::maker::{Maker, OLD_KEY, hs256};

/// Secrets that stand in tutorials, documents and examples of libraries.
const WELL_KNOWN: &[&str] = &[
    "secret",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "shhhhh",
    "AllYourBase",
    "my_secret_key",
    "supersecret",
    "changeme",
    "password",
    "key",
    "jwt_secret",
    "dev",
    "test",
    "mini-projet",
];

pub(super) fn all(maker: &Maker) -> Vec<Forgery> {
    let Maker { key, .. } = maker;
    let (mut flipped, mut reversed) = (key.clone(), key.clone());
    flipped[0] ^= 1;
    reversed.reverse();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let rfc_7515 =
        decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    let mut all = Vec::new();
    let mut forge = |name: &str, key: &[u8]| {
        all.push(token(format!("key: {name}"), hs256(&maker.parts(&[]), key), SIGNATURE));
    };
    forge("another", &[7; 32]);
    forge("none", b"");
    forge("zeros", &[0; 32]);
    forge("a byte short", &key[..key.len() - 1]);
    forge("the first half", &key[..16]);
    forge("a bit flipped", &flipped);
    forge("backwards", &reversed);
    forge("twice", &[&key[..], key].concat());
    forge("as base64url", URL_SAFE_NO_PAD.encode(key).as_bytes());
    forge("in hexadecimal", hex.as_bytes());
    forge("the other one of the file", &decode(OLD_KEY));
    forge("that of RFC 7515", &rfc_7515);
    for secret in WELL_KNOWN {
        forge(&format!("`{secret}`"), secret.as_bytes());
    }
    all
}
