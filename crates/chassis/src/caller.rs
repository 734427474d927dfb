//! The caller: verifies the token of a request and checks that it opens the route.

use std::sync::{Arc, Mutex, PoisonError};

use hyper::header::{AUTHORIZATION, HeaderMap};
use memchr::memchr;
use token::{Claims, Invalid, Keys, Role};

use crate::problem::Problem;
use crate::route::Access;

/// The issuer of users' tokens.
const USER_ISSUER: &str = "auth";

/// The holder of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The claims of the token.
    pub claims: Claims,
    /// The token itself, to be passed on to another service on the caller's behalf.
    pub token: String,
}

/// The last verified token of a connection, so that a client that keeps its connection pays for one verification.
#[derive(Debug, Default)]
pub(crate) struct TokenCache(Mutex<Option<Arc<Caller>>>);

impl TokenCache {
    /// Verifies a token, unless it is the cached one and has not expired.
    fn verify(&self, keys: &Keys, audience: &str, token: &str) -> Result<Arc<Caller>, Invalid> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(caller) if caller.token == token && caller.claims.still_hold(keys) => Ok(Arc::clone(caller)),
            _ => {
                let claims = token::verify(keys, audience, token)?;
                Ok(Arc::clone(last.insert(Arc::new(Caller { claims, token: token.to_owned() }))))
            }
        }
    }
}

/// Returns the caller of a route of the service `audience`, or `None` on an open route.
///
/// # Errors
/// Returns `missing-token`, `invalid-token` or `insufficient-scope`.
pub(crate) fn authenticate(
    keys: &Keys,
    audience: &str,
    access: Access,
    headers: &HeaderMap,
    tokens: &TokenCache,
) -> Result<Option<Arc<Caller>>, Problem> {
    if access == Access::Open {
        return Ok(None);
    }
    let token = bearer(headers)?.ok_or_else(Problem::missing_token)?;
    let caller = tokens.verify(keys, audience, token).map_err(|invalid| {
        let problem = Problem::invalid_token(invalid.reason);
        invalid.cause.into_iter().fold(problem, Problem::because)
    })?;
    let claims = &caller.claims;
    // A service signs its own tokens, which open only routes for services.
    let expected_issuer = match (claims.role, access) {
        (Role::Service, Access::Service { issuer }) => Some(issuer),
        (Role::Service, _) => None,
        (Role::User | Role::Admin, _) => Some(USER_ISSUER),
    };
    if expected_issuer != Some(claims.issuer.as_str()) {
        return Err(Problem::invalid_token("its issuer is not accepted here"));
    }
    if matches!(access, Access::Service { .. }) && claims.role != Role::Service {
        return Err(Problem::insufficient_scope("Only another service may call this route."));
    }
    Ok(Some(caller))
}

/// Returns the token of the `Authorization` header, or `None` if the header is missing.
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
        .filter(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer")
                && !token.is_empty()
                && memchr(b' ', token.as_bytes()).is_none()
        })
        .map(|(_, token)| token);
    token.map(Some).ok_or_else(|| Problem::invalid_token("the header is not of the form Bearer <token>"))
}

#[cfg(test)]
mod properties;
