//! Tokens made by hand, and signed by another library than the services'.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use testkit::tokens;

/// A second key of the key file, so that a token can name a key that is there and was not used.
pub(super) const OLD_KEY: &str = "3Vv2hXo1gq0rR5mCwJx7sZ9yTtUuKkLlMmNnPpQqSsE";

/// The key file that the services are started with.
pub(super) fn key_file() -> String {
    format!("{}old:{OLD_KEY}\n", tokens::KEY_FILE)
}

/// What a good token is made of; each forgery changes one thing of it.
pub(super) struct Maker {
    /// Which service it will be sent to.
    pub(super) service: &'static str,
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) key: Vec<u8>,
}

impl Maker {
    /// Of the tokens that auth gives the user `ada`.
    pub(super) fn of_a_user(service: &'static str) -> Self {
        Self { service, header: tokens::header(), claims: tokens::claims(), key: tokens::secret() }
    }

    /// Of the tokens that health signs for itself, to ask person for deletions.
    pub(super) fn of_health() -> Self {
        let mut maker = Self::of_a_user("person");
        let now = tokens::now();
        maker.claims = json!({
            "iss": "health", "aud": ["person"], "sub": "health", "role": "service",
            "iat": now, "exp": now + 60, "jti": "0123456789abcdef",
        });
        maker
    }

    /// The good one.
    pub(super) fn good(&self) -> String {
        self.signed(self.header.to_string(), self.claims.to_string())
    }

    /// With another value of a header parameter.
    pub(super) fn with_header(&self, name: &str, value: impl Into<Value>) -> String {
        self.signed(with(&self.header, name, value.into()).to_string(), self.claims.to_string())
    }

    /// With another value of a claim.
    pub(super) fn with_claim(&self, name: &str, value: impl Into<Value>) -> String {
        self.signed(self.header.to_string(), with(&self.claims, name, value.into()).to_string())
    }

    /// Without a header parameter.
    pub(super) fn without_header(&self, name: &str) -> String {
        self.signed(without(&self.header, name).to_string(), self.claims.to_string())
    }

    /// Without a claim.
    pub(super) fn without_claim(&self, name: &str) -> String {
        self.signed(self.header.to_string(), without(&self.claims, name).to_string())
    }

    /// With these bytes for header and claims.
    pub(super) fn signed(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        hs256(&format!("{}.{}", encode(header), encode(claims)), &self.key)
    }

    /// The two parts of the good token that are signed, with other header parameters.
    pub(super) fn parts(&self, changed: &[(&str, Value)]) -> String {
        let header = changed
            .iter()
            .fold(self.header.clone(), |header, (name, value)| with(&header, name, value.clone()));
        format!("{}.{}", encode(header.to_string()), encode(self.claims.to_string()))
    }
}

/// An object with another value of a member.
pub(super) fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut changed = object.clone();
    changed[name] = value;
    changed
}

/// An object without a member.
pub(super) fn without(object: &Value, name: &str) -> Value {
    let mut changed = object.clone();
    changed.as_object_mut().expect("an object").remove(name).expect("it was there");
    changed
}

/// base64url without padding, the encoding of tokens.
pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Adds to two parts the signature of HS256.
pub(super) fn hs256(parts: &str, key: &[u8]) -> String {
    signed(parts, &EncodingKey::from_secret(key), Algorithm::HS256)
}

/// Adds to two parts a signature.
pub(super) fn signed(parts: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    format!("{parts}.{}", sign(parts.as_bytes(), key, algorithm).expect("the key is of the algorithm"))
}
