//! Tokens that are assembled by hand, and signed by another library than the services use.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use testkit::{TestDir, tokens};

/// A second key of the key file, so that a token can name a key that has not signed it.
pub(super) const OLD_KEY: &str = "3Vv2hXo1gq0rR5mCwJx7sZ9yTtUuKkLlMmNnPpQqSsE";

/// Adds the second key to the key file of a service.
pub(super) fn with_two_keys(dir: TestDir) -> TestDir {
    dir.write("keys", format!("{}old:{OLD_KEY}\n", tokens::KEY_FILE));
    dir
}

/// The parts of a good token; a forgery changes one of them.
pub(super) struct Maker {
    /// The service that receives the token.
    pub(super) service: &'static str,
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) key: Vec<u8>,
}

impl Maker {
    /// Makes tokens as auth issues them to the user `ada`.
    pub(super) fn of_a_user(service: &'static str) -> Self {
        Self { service, header: tokens::header(), claims: tokens::claims(), key: tokens::secret() }
    }

    /// Makes tokens as health signs them for the feed of deletions.
    pub(super) fn of_health() -> Self {
        let now = tokens::now();
        let claims = json!({
            "iss": "health", "aud": ["person"], "sub": "health", "role": "service",
            "iat": now, "exp": now + 60, "jti": "0123456789abcdef",
        });
        Self { claims, ..Self::of_a_user("person") }
    }

    /// Returns the good token.
    pub(super) fn good(&self) -> String {
        self.signed(self.header.to_string(), self.claims.to_string())
    }

    /// Returns a token with another value of a header parameter.
    pub(super) fn with_header(&self, name: &str, value: impl Into<Value>) -> String {
        self.signed(with(&self.header, name, value.into()).to_string(), self.claims.to_string())
    }

    /// Returns a token with another value of a claim.
    pub(super) fn with_claim(&self, name: &str, value: impl Into<Value>) -> String {
        self.signed(self.header.to_string(), with(&self.claims, name, value.into()).to_string())
    }

    /// Returns a token without a header parameter.
    pub(super) fn without_header(&self, name: &str) -> String {
        self.signed(without(&self.header, name).to_string(), self.claims.to_string())
    }

    /// Returns a token without a claim.
    pub(super) fn without_claim(&self, name: &str) -> String {
        self.signed(self.header.to_string(), without(&self.claims, name).to_string())
    }

    /// Returns a token with this header and these claims.
    pub(super) fn signed(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        hs256(&format!("{}.{}", encode(header), encode(claims)), &self.key)
    }

    /// Returns the two unsigned parts of the good token, with some header parameters changed.
    pub(super) fn parts(&self, changed: &[(&str, Value)]) -> String {
        let header = changed
            .iter()
            .fold(self.header.clone(), |header, (name, value)| with(&header, name, value.clone()));
        format!("{}.{}", encode(header.to_string()), encode(self.claims.to_string()))
    }
}

/// Returns an object with another value of a member.
pub(super) fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut changed = object.clone();
    changed[name] = value;
    changed
}

/// Returns an object without a member.
pub(super) fn without(object: &Value, name: &str) -> Value {
    let mut changed = object.clone();
    changed.as_object_mut().expect("an object").remove(name).expect("the member is there");
    changed
}

/// Encodes in base64url without padding, as tokens are encoded.
pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Adds the HS256 signature to two parts.
pub(super) fn hs256(parts: &str, key: &[u8]) -> String {
    signed(parts, &EncodingKey::from_secret(key), Algorithm::HS256)
}

/// Adds a signature to two parts.
pub(super) fn signed(parts: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    format!("{parts}.{}", sign(parts.as_bytes(), key, algorithm).expect("the key fits the algorithm"))
}
