//! JSON Web Tokens as an attacker uses them: read without a key, changed, signed with a guessed secret.

mod secrets;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac_sha256::HMAC;
use serde_json::Value;

/// Returns the claims of a token.
pub(crate) fn claims(token: &str) -> Option<Value> {
    let [_, claims, _] = parts(token)?;
    decode(claims)
}

/// Returns the token with an invalid signature.
pub(crate) fn forged(token: &str) -> String {
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    format!("{signed}.{}", "A".repeat(43))
}

/// Returns the token with `"alg": "none"` and no signature.
pub(crate) fn unsigned(token: &str) -> Option<String> {
    let [header, claims, _] = parts(token)?;
    let mut header = decode(header)?;
    header["alg"] = "none".into();
    Some(format!("{}.{claims}.", BASE64.encode(header.to_string())))
}

/// Returns the secret of this token if it can be guessed.
pub(crate) fn guess_secret(token: &str) -> Option<String> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = BASE64.decode(signature).ok()?;
    secrets::all().find(|secret| HMAC::mac(signed, secret)[..] == signature)
}

fn parts(token: &str) -> Option<[&str; 3]> {
    token.split('.').collect::<Vec<_>>().try_into().ok()
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
}
