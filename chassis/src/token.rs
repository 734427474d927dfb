//! Tokens: minting them, and letting nobody in without a good one.

use std::collections::HashSet;

use hyper::header::{AUTHORIZATION, HeaderMap};
use jwt_simple::claims::{Claims, JWTClaims};
use jwt_simple::common::{HeaderOptions, VerificationOptions};
use jwt_simple::prelude::{Duration, MACLike as _};
use jwt_simple::token::Token;
use serde::{Deserialize, Serialize};

use crate::keys::Keys;
use crate::problem::Problem;
use crate::route::Access;

/// Seconds that a token of a user lives, and the longest life that is accepted of any.
pub const LIFE_SECONDS: u64 = 900;
/// The clocks of two machines may be this many seconds apart.
const CLOCK_SKEW_SECONDS: u64 = 5;
/// Ours have about 400 bytes.
const TOKEN_LIMIT: usize = 4096;
/// RFC 9068 section 2.1: an access token says that it is one, so that no other kind passes for it.
const TYPE: &str = "at+jwt";
/// Who signs the tokens of users.
const USER_ISSUER: &str = "auth";

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
    role: Role,
}

/// Who asks: what a verified token says of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The `sub` of the token: a username.
    pub subject: String,
    /// The `role` of the token.
    pub role: Role,
    /// The token itself, to be passed on to a service that is asked on the caller's behalf.
    pub token: String,
}

/// Signs a token.
///
/// `issuer` is the service that signs, `audience` those that may accept it, `seconds` its life.
pub fn mint(keys: &Keys, issuer: &str, audience: &[&str], subject: &str, role: Role, seconds: u64) -> String {
    let mut claims = Claims::with_custom_claims(RoleClaim { role }, Duration::from_secs(seconds))
        .with_issuer(issuer)
        .with_subject(subject)
        .with_jwt_id(random_id());
    claims = match audience {
        [one] => claims.with_audience(*one),
        several => claims.with_audiences(several.iter().copied().collect::<HashSet<_>>()),
    };
    // `iat` says the same; one claim less to carry.
    claims.invalid_before = None;
    let header = HeaderOptions { signature_type: Some(TYPE.to_owned()), ..HeaderOptions::default() };
    keys.signing()
        .authenticate_with_options(claims, &header)
        .expect("claims of strings can be written as JSON")
}

fn random_id() -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the kernel has random bytes once it has booted");
    format!("{:032x}", u128::from_be_bytes(random))
}

/// Finds out who asks for a route of the service `audience`.
///
/// # Errors
/// `missing-token`, `invalid-token` or `insufficient-scope`.
pub(crate) fn authenticate(
    keys: &Keys,
    audience: &str,
    access: Access,
    headers: &HeaderMap,
) -> Result<Option<Caller>, Problem> {
    if access == Access::Open {
        return Ok(None);
    }
    let Some(token) = bearer(headers)? else { return Err(Problem::missing_token()) };
    let claims = verify(keys, token)?;
    if !claims.audiences.as_ref().is_some_and(|given| given.contains(&HashSet::from([audience.to_owned()]))) {
        return Err(Problem::invalid_token("it is for another service"));
    }
    let role = claims.custom.role;
    // A service signs its own tokens, and only for what services may do.
    let expected_issuer = match access {
        Access::Service { issuer } if role == Role::Service => issuer,
        _ if role == Role::Service => return Err(Problem::invalid_token("its issuer is not accepted here")),
        _ => USER_ISSUER,
    };
    if claims.issuer.as_deref() != Some(expected_issuer) {
        return Err(Problem::invalid_token("its issuer is not accepted here"));
    }
    let subject = claims.subject.ok_or_else(|| Problem::invalid_token("it names nobody"))?;
    if matches!(access, Access::Service { .. }) && role != Role::Service {
        return Err(Problem::insufficient_scope("Only another service may ask for this."));
    }
    Ok(Some(Caller { subject, role, token: token.to_owned() }))
}

/// The token of the `Authorization` header; `None` where there is no such header.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(Problem::invalid_token("there is more than one Authorization header"));
    }
    let token = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token)
        .filter(|token| !token.is_empty() && !token.contains(' '))
        .ok_or_else(|| Problem::invalid_token("the header is not of the form Bearer <token>"))?;
    if token.len() > TOKEN_LIMIT {
        return Err(Problem::invalid_token("it is over 4096 bytes"));
    }
    Ok(Some(token))
}

/// Checks the signature, the type and the times.
fn verify(keys: &Keys, token: &str) -> Result<JWTClaims<RoleClaim>, Problem> {
    let refuse = Problem::invalid_token;
    let header = Token::decode_metadata(token).map_err(|_| refuse("it is malformed"))?;
    if !header.signature_type().is_some_and(|given| given.eq_ignore_ascii_case(TYPE)) {
        return Err(refuse("its typ is not at+jwt"));
    }
    // jwt-simple only stamps a kid on what it signs: the key has to be picked here.
    let key = header.key_id().and_then(|kid| keys.named(kid)).ok_or_else(|| refuse("its key is unknown"))?;
    let options = VerificationOptions {
        time_tolerance: Some(Duration::from_secs(CLOCK_SKEW_SECONDS)),
        ..VerificationOptions::default()
    };
    let claims = key
        .verify_token::<RoleClaim>(token, Some(options))
        .map_err(|error| refuse(reason(&error)).because(error))?;
    let life = match (claims.issued_at, claims.expires_at) {
        (Some(issued), Some(expires)) if expires >= issued => expires - issued,
        _ => return Err(refuse("it has no sound iat and exp")),
    };
    if life > Duration::from_secs(LIFE_SECONDS) {
        return Err(refuse("it lives longer than 900 seconds"));
    }
    Ok(claims)
}

fn reason(error: &jwt_simple::Error) -> &'static str {
    use jwt_simple::JWTError;
    match error.downcast_ref() {
        Some(JWTError::TokenHasExpired) => "it has expired",
        Some(JWTError::TokenNotValidYet | JWTError::ClockDrift) => "it is not valid yet",
        Some(JWTError::InvalidAuthenticationTag) => "its signature is wrong",
        Some(JWTError::AlgorithmMismatch) => "its algorithm is not HS256",
        _ => "it is malformed",
    }
}
