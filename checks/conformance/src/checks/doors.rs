//! The doors of person and health: which requests need a token, and which tokens open. Each method of each route is
//! tried: some versions protect only one.

use serde_json::json;

use super::auth::{NOT_A_JWT, any_jwt};
use super::lab::TOKENS;
use crate::check::{Area::Auth, Check, Level::Expected, Level::Required, Level::Robust, check};
use crate::http::Exchange;
use crate::jwt;
use crate::outcome::{Failure, Stop, skip};
use crate::shape::{health_path, person_path};
use crate::subject::Subject;
use crate::subject::door::speaks_of_tokens;
use crate::subject::route::Route;
use crate::text::{formatted, text};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Service {
    Person,
    Health,
}
use Service::{Health, Person};

const PERSON: [(&str, Route); 3] =
    [("GET", Route::ReadPerson), ("POST", Route::CreatePerson), ("DELETE", Route::DeletePerson)];
const HEALTH: [(&str, Route); 4] = [
    ("GET", Route::ReadRecord),
    ("POST", Route::CreateRecord),
    ("PUT", Route::ReplaceRecord),
    ("DELETE", Route::DeleteRecord),
];

pub(super) const CHECKED_TOKENS: &[Check] = &[
    check("person-no-token", Auth, Required, &TOKENS, |s| needs_token(s, Person, &["POST", "DELETE"])),
    check("health-no-token", Auth, Required, &TOKENS, |s| needs_token(s, Health, &["POST", "PUT", "DELETE"])),
    check("person-open-read", Auth, Robust, &TOKENS, |s| needs_token(s, Person, &["GET"])),
    check("health-open-read", Auth, Robust, &TOKENS, |s| needs_token(s, Health, &["GET"])),
    check("person-closed-401", Auth, Expected, &TOKENS, |s| refuses_with_401(s, Person)),
    check("health-closed-401", Auth, Expected, &TOKENS, |s| refuses_with_401(s, Health)),
    check("person-forged-token", Auth, Required, &TOKENS, |s| {
        let token = jwt::forged(&any_jwt(s)?);
        refuses(s, Person, &token)
    }),
    check("health-forged-token", Auth, Required, &TOKENS, |s| {
        let token = jwt::forged(&any_jwt(s)?);
        refuses(s, Health, &token)
    }),
    check("person-unsigned-token", Auth, Robust, &TOKENS, |s| {
        let token = unsigned(s)?;
        refuses(s, Person, &token)
    }),
    check("health-unsigned-token", Auth, Robust, &TOKENS, |s| {
        let token = unsigned(s)?;
        refuses(s, Health, &token)
    }),
    check("auth-challenge", Auth, Expected, &TOKENS, |s| {
        let mut is_seen = false;
        for service in [Health, Person] {
            // The plan may have no real person service.
            let Ok(exchange) = send(s, service, "GET", None) else { continue };
            if exchange.status() == Some(401) {
                is_seen = true;
                exchange.must_have("WWW-Authenticate")?;
            }
        }
        if is_seen { Ok(()) } else { skip(text("no GET was answered 401", "aucun GET n'a reçu de 401")) }
    }),
];

/// Fails if one of these methods works without a token.
fn needs_token(s: &mut Subject, service: Service, methods: &[&'static str]) -> Result<(), Stop> {
    let mut open: Vec<(&str, Exchange)> = Vec::new();
    for method in working(s, service)?.into_iter().filter(|method| methods.contains(method)) {
        let exchange = send(s, service, method, None)?;
        exchange.must(exchange.response.is_ok(), "a response", "une réponse")?;
        if is_open(&exchange) {
            open.push((method, exchange));
        }
    }
    let Some((_, exchange)) = open.first() else { return Ok(()) };
    let methods: Vec<_> = open.iter().map(|(method, _)| *method).collect();
    let (methods, path) = (methods.join(", "), exchange.path());
    let text = formatted(
        format!("without a token, {methods} works at {path}"),
        format!("sans jeton, {methods} fonctionne sur {path}"),
    );
    Err(Stop::Failed(Failure { text, exchange: Some(Box::new(exchange.clone())) }))
}

/// Fails if a method that needs a token works with this one.
fn refuses(s: &mut Subject, service: Service, token: &str) -> Result<(), Stop> {
    for method in closed(s, service)? {
        let exchange = send(s, service, method, Some(token))?;
        exchange.must(exchange.response.is_ok(), "a response", "une réponse")?;
        exchange.must(!is_open(&exchange), "a refusal of this token", "un refus de ce jeton")?;
    }
    Ok(())
}

fn refuses_with_401(s: &mut Subject, service: Service) -> Result<(), Stop> {
    for method in closed(s, service)? {
        send(s, service, method, None)?.must_be(&[401])?;
        if let Ok(token) = any_jwt(s) {
            let exchange = send(s, service, method, Some(&jwt::forged(&token)))?;
            if !is_open(&exchange) {
                exchange.must_be(&[401])?;
            }
        }
    }
    Ok(())
}

/// Returns the methods that work with the valid token. Skips the check if there are none.
fn working(s: &mut Subject, service: Service) -> Result<Vec<&'static str>, Stop> {
    let routes: &[(&'static str, Route)] = if service == Person { &PERSON } else { &HEALTH };
    Ok(routes.iter().filter(|(_, route)| s.must_work(*route).is_ok()).map(|(method, _)| *method).collect())
}

/// Returns the methods that need a token. Skips the check if there are none.
fn closed(s: &mut Subject, service: Service) -> Result<Vec<&'static str>, Stop> {
    let mut closed = Vec::new();
    for method in working(s, service)? {
        if !is_open(&send(s, service, method, None)?) {
            closed.push(method);
        }
    }
    if closed.is_empty() {
        return skip(text(
            "no request needs a token: see `person-no-token` and `health-no-token`",
            "aucune requête ne demande de jeton : voir `person-no-token` et `health-no-token`",
        ));
    }
    Ok(closed)
}

/// Whether a request did what it asked for. Some versions refuse with a 200 that says why.
fn is_open(exchange: &Exchange) -> bool {
    exchange.is_ok() && !speaks_of_tokens(exchange)
}

/// Sends a request that can succeed, with this token or none.
fn send(s: &mut Subject, service: Service, method: &str, token: Option<&str>) -> Result<Exchange, Stop> {
    let path = match (service, method) {
        (Person, "POST") => "/persons".to_owned(),
        (Person, _) => person_path(&s.new_person()?),
        (Health, "POST") => health_path(&s.someone()?),
        (Health, _) => health_path(&s.new_record()?),
    };
    let request = if service == Person { s.person(method, &path)? } else { s.health(method, &path)? };
    let request = match token {
        None => request.without_token(),
        Some(token) => request.with_token(token),
    };
    let exchange = match (service, method) {
        (Person, "POST") => request.json(s.person_body("Conformance Door")).send(),
        (Health, "POST" | "PUT") => request.json(json!(s.record())).send(),
        _ => request.send(),
    };
    if service == Person && method == "POST" {
        s.track_created(&exchange);
    }
    Ok(exchange)
}

fn unsigned(s: &Subject) -> Result<String, Stop> {
    match jwt::unsigned(&any_jwt(s)?) {
        Some(token) => Ok(token),
        None => skip(NOT_A_JWT),
    }
}
