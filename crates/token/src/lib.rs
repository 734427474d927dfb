//! Tokens and the keys that sign them: what the auth service mints, every service verifies, and one service
//! mints for itself. It knows no HTTP.

mod clock;
pub mod keygen;
pub mod keys;

use std::collections::HashSet;

use jwt_simple::JWTError;
use jwt_simple::claims::{Audiences, Claims as JwtClaims};
use jwt_simple::common::{HeaderOptions, VerificationOptions};
use jwt_simple::prelude::{Duration, MACLike as _, UnixTimeStamp};
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Decoder as _};
use serde::de::{Deserializer, IgnoredAny, IntoDeserializer as _};
use serde::{Deserialize, Serialize};

pub use keys::Keys;

/// Seconds that a token of a user lives, and the longest life that is accepted of any.
pub const LIFE_SECONDS: u64 = 900;
/// The clocks of two machines may be this many seconds apart.
const CLOCK_SKEW_SECONDS: u64 = 5;
/// Ours have about 400 bytes.
const TOKEN_LIMIT: usize = 4096;
/// RFC 9068 section 2.1: an access token says that it is one, so that no other kind passes for it.
const TYPE: &str = "at+jwt";

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees and changes what is their own.
    User,
    /// Sees and changes everything.
    Admin,
    /// Another service.
    Service,
}

#[derive(Serialize, Deserialize)]
struct RoleClaim {
    #[serde(deserialize_with = "role_of_text")]
    role: Role,
}

/// serde takes `{"admin": null}` for `"admin"` too.
fn role_of_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    Role::deserialize(String::deserialize(deserializer)?.into_deserializer())
}

/// What is looked at here of the header of a token; the algorithm is jwt-simple's to check. serde takes a list for a
/// struct, its members in order; but this one begins with `typ` and jwt-simple's with `alg`, so no list passes both.
#[derive(Deserialize)]
struct Header {
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

impl Header {
    fn of(token: &str) -> Result<Self, jwt_simple::Error> {
        let encoded = token.split('.').next().unwrap_or_default();
        let json = Base64UrlSafeNoPadding::decode_to_vec(encoded, None)?;
        let header: Self = serde_json::from_slice(&json)?;
        // RFC 7515 section 4.1.11: no extension is understood here, and a list of none is no good header.
        if header.crit.is_some() {
            return Err(JWTError::UnknownCriticalExtension.into());
        }
        Ok(header)
    }
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who signed it.
    pub issuer: String,
    /// Who holds it.
    pub subject: String,
    /// What the holder may do.
    pub role: Role,
    expires: UnixTimeStamp,
}

impl Claims {
    /// Whether the token that said this has not expired since: then to verify it again would tell nothing new.
    pub fn still_hold(&self, keys: &Keys) -> bool {
        keys.now() < self.expires + Duration::from_secs(CLOCK_SKEW_SECONDS)
    }
}

/// Why a token is not accepted.
#[derive(Debug)]
pub struct Invalid {
    /// For its sender, to complete the sentence "the token was not accepted: ..."; without quotes or backslashes.
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
        // serde quotes what it did not expect, and no part of a token goes into a log.
        let cause = error.downcast_ref::<serde_json::Error>().map_or_else(
            || error.to_string(),
            |json| format!("its JSON is wrong at line {} column {}", json.line(), json.column()),
        );
        Self { reason, cause: Some(cause) }
    }
}

/// Signs a token.
///
/// `issuer` is the service that signs, `audience` those that may accept it, `seconds` its life.
///
/// # Panics
/// Never: claims of strings can be written as JSON, and the kernel has random bytes once it has booted.
pub fn mint(keys: &Keys, issuer: &str, audience: &[&str], subject: &str, role: Role, seconds: u64) -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the kernel has random bytes once it has booted");
    let claims = JwtClaims::with_custom_claims(RoleClaim { role }, Duration::from_secs(seconds))
        .with_issuer(issuer)
        .with_subject(subject)
        .with_jwt_id(format!("{:032x}", u128::from_be_bytes(random)));
    let mut claims = match audience {
        [one] => claims.with_audience(*one),
        several => claims.with_audiences(several.iter().copied().collect::<HashSet<_>>()),
    };
    // Not by the wall clock, as jwt-simple does.
    let now = keys.now();
    (claims.issued_at, claims.expires_at) = (Some(now), Some(now + Duration::from_secs(seconds)));
    // `iat` says the same; one claim less to carry.
    claims.invalid_before = None;
    let header = HeaderOptions { signature_type: Some(TYPE.to_owned()), ..HeaderOptions::default() };
    let token = keys.signing().authenticate_with_options(claims, &header);
    token.expect("claims of strings can be written as JSON")
}

/// Checks a token that was sent to the service `audience`: its key, its signature, its type, its times.
/// Whether its issuer may ask for what was asked for is the caller's to say.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(keys: &Keys, audience: &str, token: &str) -> Result<Claims, Invalid> {
    if token.len() > TOKEN_LIMIT {
        return Err("it is over 4096 bytes".into());
    }
    let header = Header::of(token)?;
    if !header.typ.is_some_and(|given| given.eq_ignore_ascii_case(TYPE)) {
        return Err("its typ is not at+jwt".into());
    }
    // jwt-simple only stamps a kid on what it signs: the key has to be picked here.
    let key = header.kid.and_then(|kid| keys.named(&kid)).ok_or("its key is unknown")?;
    let skew = Duration::from_secs(CLOCK_SKEW_SECONDS);
    let options = VerificationOptions {
        time_tolerance: Some(skew),
        artificial_time: Some(keys.now()),
        ..VerificationOptions::default()
    };
    let claims = key.verify_token::<RoleClaim>(token, Some(options))?;
    let expires = match (claims.issued_at, claims.expires_at) {
        (Some(issued), Some(expires)) if expires >= issued => {
            if expires - issued > Duration::from_secs(LIFE_SECONDS) {
                return Err("it lives longer than 900 seconds".into());
            }
            expires
        }
        _ => return Err("it has no sound iat and exp".into()),
    };
    let is_for_us = match &claims.audiences {
        None => false,
        Some(Audiences::AsString(one)) => one == audience,
        Some(Audiences::AsSet(several)) => several.contains(audience),
    };
    if !is_for_us {
        return Err("it is for another service".into());
    }
    match (claims.issuer, claims.subject) {
        // The empty text is nobody's name.
        (Some(issuer), Some(subject)) if !subject.is_empty() => {
            Ok(Claims { issuer, subject, role: claims.custom.role, expires })
        }
        _ => Err("it names no issuer or no subject".into()),
    }
}
