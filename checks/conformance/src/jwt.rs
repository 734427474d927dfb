//! JSON Web Tokens as an attacker uses them: read without a key, changed, signed with a guessed secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac_sha256::HMAC;
use serde_json::Value;

/// Secrets from tutorials, which many versions of the lab copy.
const WELL_KNOWN: &str = "\
    secret Secret SECRET secret_key secret-key secretkey SECRET_KEY mysecret my_secret my-secret \
    mysecretkey my_secret_key my-secret-key supersecret super-secret super_secret_key super-secret-key \
    supersecretkey your_secret_key your-secret-key your-256-bit-secret jwt_secret jwt-secret \
    jwt_secret_key jwt-secret-key JWT_SECRET changeme change-me password dev key test";

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

/// Returns the secret of this token if it is a well-known one.
pub(crate) fn guess_secret(token: &str) -> Option<&'static str> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = BASE64.decode(signature).ok()?;
    WELL_KNOWN.split_whitespace().find(|secret| HMAC::mac(signed, secret)[..] == signature)
}

fn parts(token: &str) -> Option<[&str; 3]> {
    token.split('.').collect::<Vec<_>>().try_into().ok()
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
}
