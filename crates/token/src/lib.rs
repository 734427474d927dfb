//! Tokens and the keys that sign them: the issuer mints tokens, every service verifies them, and a service may mint one
//! for itself. It knows no HTTP.

mod clock;
pub mod keygen;
pub mod keys;
mod strict;

use std::collections::HashSet;

use jwt_simple::JWTError;
use jwt_simple::claims::{Audiences, Claims as JwtClaims};
use jwt_simple::common::{HeaderOptions, VerificationOptions};
use jwt_simple::prelude::{Duration, MACLike as _, UnixTimeStamp};
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Decoder as _};
use serde::de::{Deserializer, IntoDeserializer as _};
use serde::{Deserialize, Serialize};

pub use keys::Keys;

/// The lifetime of a user's token in seconds, and the longest accepted lifetime.
pub const LIFE_SECONDS: u64 = 900;
/// The allowed difference between the clocks of two machines.
const CLOCK_SKEW_SECONDS: u64 = 5;
/// The tokens minted here have about 400 bytes.
const TOKEN_LIMIT: usize = 4096;
/// RFC 9068 sections 2.1 and 4: the type, in two spellings, keeps other kinds of tokens from passing for an access token.
const TYPES: [&str; 2] = ["at+jwt", "application/at+jwt"];
/// Header parameters that change how a token is read, with the RFCs that define them. None is supported, and RFC 7515
/// section 4.1.11 forbids `crit` with an empty list.
const UNSUPPORTED: [&str; 4] =
    ["crit" /* 7515 */, "b64" /* 7797 */, "zip" /* 7516 */, "enc" /* 7516 */];

/// The rights of a token's holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees and changes their own data.
    User,
    /// Sees and changes all data.
    Admin,
    /// Another service.
    Service,
}

/// The claims that RFC 7519 does not have.
#[derive(Serialize, Deserialize)]
struct OwnClaims {
    #[serde(deserialize_with = "role_of_text")]
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
}

/// Rejects `{"admin": null}`, which serde accepts for `"admin"`.
fn role_of_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    Role::deserialize(String::deserialize(deserializer)?.into_deserializer())
}

/// The checked part of a token's header; jwt-simple checks the algorithm.
#[derive(Deserialize)]
struct Header {
    typ: Option<String>,
    kid: Option<String>,
}

impl Header {
    fn of(token: &str) -> Result<Self, jwt_simple::Error> {
        let json = part(token, 0)?;
        let names = strict::members(&json)?;
        if UNSUPPORTED.iter().any(|name| names.contains(*name)) {
            return Err(JWTError::UnknownCriticalExtension.into());
        }
        Ok(serde_json::from_slice(&json)?)
    }
}

/// Decodes a part of a token.
fn part(token: &str, number: usize) -> Result<Vec<u8>, jwt_simple::Error> {
    let encoded = token.split('.').nth(number).unwrap_or_default();
    Ok(Base64UrlSafeNoPadding::decode_to_vec(encoded, None)?)
}

/// The claims of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The service that signed it.
    pub issuer: String,
    /// The holder.
    pub subject: String,
    /// The holder's rights.
    pub role: Role,
    /// The id of the holder's account; a service has none. Unlike the subject, it never passes to another account.
    pub uid: Option<String>,
    issued: UnixTimeStamp,
    expires: UnixTimeStamp,
}

impl Claims {
    /// Returns whether the token has not expired since it was verified; verifying it again would give the same result.
    pub fn still_hold(&self, keys: &Keys) -> bool {
        keys.now() < self.expires + Duration::from_secs(CLOCK_SKEW_SECONDS)
    }

    /// Returns the seconds since the token was issued.
    pub fn age(&self, keys: &Keys) -> u64 {
        keys.now().as_secs().saturating_sub(self.issued.as_secs())
    }
}

/// Why a token is rejected.
#[derive(Debug)]
pub struct Invalid {
    /// Completes "The token was not accepted: …" for the caller; holds no quote and no backslash.
    pub reason: &'static str,
    /// For the log.
    pub cause: Option<String>,
}

impl From<&'static str> for Invalid {
    fn from(reason: &'static str) -> Self {
        Self { reason, cause: None }
    }
}

impl From<jwt_simple::Error> for Invalid {
    fn from(error: jwt_simple::Error) -> Self {
        let reason = match error.downcast_ref() {
            Some(JWTError::TokenHasExpired) => "it has expired",
            Some(JWTError::TokenNotValidYet | JWTError::ClockDrift) => "it is not valid yet",
            Some(JWTError::InvalidAuthenticationTag) => "its signature is wrong",
            Some(JWTError::AlgorithmMismatch) => "its algorithm is not HS256",
            _ => "it is malformed",
        };
        // serde quotes the unexpected text, and no part of a token may get into a log.
        let cause = error.downcast_ref::<serde_json::Error>().map_or_else(
            || error.to_string(),
            |json| format!("its JSON is invalid at line {} column {}", json.line(), json.column()),
        );
        Self { reason, cause: Some(cause) }
    }
}

/// The holder of a new token.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'h> {
    /// The name of the user or service.
    pub subject: &'h str,
    /// The rights.
    pub role: Role,
    /// The id of the account; `None` for a service.
    pub uid: Option<&'h str>,
}

/// Mints a token: `issuer` signs it, the services in `audience` accept it, and it expires after `seconds`.
///
/// # Panics
/// Never: claims of strings can be written as JSON, and the kernel has random bytes once it has booted.
pub fn mint(keys: &Keys, issuer: &str, audience: &[&str], holder: Holder<'_>, seconds: u64) -> String {
    let Holder { subject, role, uid } = holder;
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the kernel has random bytes once it has booted");
    let own = OwnClaims { role, uid: uid.map(str::to_owned) };
    let claims = JwtClaims::with_custom_claims(own, Duration::from_secs(seconds))
        .with_issuer(issuer)
        .with_subject(subject)
        .with_jwt_id(format!("{:032x}", u128::from_be_bytes(random)));
    let mut claims = match audience {
        [one] => claims.with_audience(*one),
        several => claims.with_audiences(several.iter().copied().collect::<HashSet<_>>()),
    };
    // jwt-simple would take the wall clock's time.
    let now = keys.now();
    (claims.issued_at, claims.expires_at) = (Some(now), Some(now + Duration::from_secs(seconds)));
    // `nbf` would repeat `iat`.
    claims.invalid_before = None;
    let header = HeaderOptions { signature_type: Some(TYPES[0].to_owned()), ..HeaderOptions::default() };
    let token = keys.signing().authenticate_with_options(claims, &header);
    token.expect("claims of strings can be written as JSON")
}

/// Verifies a token that was sent to the service `audience`: its type, key, signature, lifetime and claims. The caller of
/// this function decides whether the issuer is accepted.
///
/// # Errors
/// Returns the first reason to reject it.
pub fn verify(keys: &Keys, audience: &str, token: &str) -> Result<Claims, Invalid> {
    if token.len() > TOKEN_LIMIT {
        return Err("it is over 4096 bytes".into());
    }
    let header = Header::of(token)?;
    if !header.typ.is_some_and(|given| TYPES.iter().any(|typ| typ.eq_ignore_ascii_case(&given))) {
        return Err("its typ is not at+jwt".into());
    }
    // jwt-simple writes a kid but does not look keys up by it.
    let key = header.kid.and_then(|kid| keys.named(&kid)).ok_or("its key is unknown")?;
    let skew = Duration::from_secs(CLOCK_SKEW_SECONDS);
    let options = VerificationOptions {
        time_tolerance: Some(skew),
        artificial_time: Some(keys.now()),
        ..VerificationOptions::default()
    };
    let claims = key.verify_token::<OwnClaims>(token, Some(options))?;
    strict::members(&part(token, 1)?).map_err(jwt_simple::Error::from)?;
    let (issued, expires) = match (claims.issued_at, claims.expires_at) {
        (Some(issued), Some(expires)) if expires >= issued => {
            if expires - issued > Duration::from_secs(LIFE_SECONDS) {
                return Err("it lives longer than 900 seconds".into());
            }
            (issued, expires)
        }
        _ => return Err("its iat or exp is missing or invalid".into()),
    };
    let is_for_us = match &claims.audiences {
        None => false,
        Some(Audiences::AsString(one)) => one == audience,
        Some(Audiences::AsSet(several)) => several.contains(audience),
    };
    if !is_for_us {
        return Err("it is for another service".into());
    }
    // The empty text is nobody's name.
    let (Some(issuer), Some(subject)) = (claims.issuer, claims.subject.filter(|name| !name.is_empty()))
    else {
        return Err("it names no issuer or no subject".into());
    };
    let OwnClaims { role, uid } = claims.custom;
    match (role, uid.filter(|uid| !uid.is_empty())) {
        (Role::User | Role::Admin, None) => Err("it names no account".into()),
        (_, uid) => Ok(Claims { issuer, subject, role, uid, issued, expires }),
    }
}
