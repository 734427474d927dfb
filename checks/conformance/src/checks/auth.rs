//! The auth service, and how person and health check its tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use super::lab::{BODIES, TOKENS};
use crate::check::{Area::Auth, Check, Level::Expected, Level::Required, Level::Robust, check};
use crate::http::Exchange;
use crate::jwt;
use crate::outcome::{Stop, ensure, fail, skip};
use crate::shape::{PASSWORD, health_path, person_path, token_in};
use crate::subject::Subject;
use crate::text::{Text, formatted, text};

const OTHER_PASSWORD: &str = "Another, 2 long passwords";
/// More wrong passwords in a row than a user mistypes.
const GUESSES: usize = 12;
/// A stolen token stays valid for this many seconds at most.
const LONGEST_LIFE: u64 = 24 * 3600;
const NOT_A_JWT: Text = text("the token is not a JWT", "le jeton n'est pas un JWT");

pub(super) const ACCOUNTS: &[Check] = &[
    check("auth-registered", Auth, Expected, &TOKENS, |s| {
        let username = s.new_username();
        register(s, &username, PASSWORD)?.must_be(&[201])
    }),
    check("auth-taken", Auth, Expected, &TOKENS, |s| {
        let username = registered(s)?;
        register(s, &username, OTHER_PASSWORD)?.must_be(&[409])
    }),
    check("auth-taken-keeps", Auth, Robust, &TOKENS, |s| {
        let username = registered(s)?;
        register(s, &username, OTHER_PASSWORD)?;
        log_in(s, &username, PASSWORD)?.must_be_ok()?;
        log_in(s, &username, OTHER_PASSWORD)?.must_not_be_ok()
    }),
    check("auth-weak-password", Auth, Robust, &TOKENS, |s| {
        let username = s.new_username();
        register(s, &username, "a")?.must_be_refused()
    }),
    check("auth-no-echo", Auth, Robust, &TOKENS, |s| {
        let username = s.new_username();
        for exchange in [register(s, &username, PASSWORD)?, log_in(s, &username, PASSWORD)?] {
            exchange.must(!exchange.text().contains(PASSWORD), "no password", "pas de mot de passe")?;
        }
        Ok(())
    }),
];

pub(super) const LOGINS: &[Check] = &[
    check("auth-wrong-password", Auth, Required, &TOKENS, |s| {
        let username = registered(s)?;
        log_in(s, &username, OTHER_PASSWORD)?.must_be(&[401])
    }),
    check("auth-unknown-user", Auth, Robust, &TOKENS, |s| {
        let known = registered(s)?;
        let wrong = log_in(s, &known, OTHER_PASSWORD)?;
        let nobody = s.new_username();
        let unknown = log_in(s, &nobody, OTHER_PASSWORD)?;
        unknown.must_be(&[401])?;
        unknown.must(
            words(&wrong) == words(&unknown),
            "the same words as for a wrong password",
            "les mêmes mots que pour un mauvais mot de passe",
        )
    }),
    check("auth-broken-json", Auth, Expected, &BODIES, |s| {
        s.auth("POST", "/login")?.body("application/json", "{\"user").send().must_be_refused()
    }),
    check("auth-missing-field", Auth, Expected, &BODIES, |s| {
        s.auth("POST", "/login")?.body("application/json", "{}").send().must_be(&[400, 401, 422])
    }),
    check("auth-login-by-get", Auth, Expected, &TOKENS, |s| {
        let path = format!("/login?username={}&password=Conformance", registered(s)?);
        s.auth("GET", &path)?.send().must_be(&[405, 404, 400])
    }),
    check("auth-throttle", Auth, Robust, &TOKENS, |s| {
        let username = registered(s)?;
        let mut last = log_in(s, &username, OTHER_PASSWORD)?;
        for _ in 1..GUESSES {
            if last.status() != Some(429) {
                last = log_in(s, &username, OTHER_PASSWORD)?;
            }
        }
        last.must_be(&[429])
    }),
];

pub(super) const ISSUED_TOKENS: &[Check] = &[
    check("auth-login", Auth, Required, &TOKENS, |s| {
        let username = registered(s)?;
        let exchange = log_in(s, &username, PASSWORD)?;
        exchange.must_be_ok()?;
        let is_jwt = token_in(&exchange.text()).and_then(|token| jwt::claims(&token)).is_some();
        exchange.must(is_jwt, "a body with a JWT", "un corps contenant un JWT")
    }),
    check("auth-token-expires", Auth, Expected, &TOKENS, |s| {
        let claims = jwt::claims(&any_jwt(s)?).unwrap_or_default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let Some(expiry) = claims["exp"].as_f64() else {
            return fail(text("the token has no `exp`", "le jeton n'a pas de `exp`"));
        };
        let life = (expiry as u64).saturating_sub(now);
        ensure(
            life <= LONGEST_LIFE,
            formatted(format!("the token is valid for {life} s"), format!("le jeton est valable {life} s")),
        )
    }),
    check("auth-token-tells-nothing", Auth, Robust, &TOKENS, |s| {
        let username = registered(s)?;
        let Some(token) = token_in(&log_in(s, &username, PASSWORD)?.text()) else {
            return skip(text(
                "no token was returned: see `auth-login`",
                "aucun jeton reçu : voir `auth-login`",
            ));
        };
        let claims = jwt::claims(&token).unwrap_or_default().to_string();
        ensure(
            !claims.contains(PASSWORD) && !claims.contains("\"password\""),
            text(
                "the token's claims contain the password",
                "les données du jeton contiennent le mot de passe",
            ),
        )
    }),
    check("auth-secret", Auth, Robust, &TOKENS, |s| {
        let Some(secret) = jwt::guess_secret(&any_jwt(s)?) else { return Ok(()) };
        fail(formatted(
            format!("tokens are signed with the well-known secret {secret:?}"),
            format!("les jetons sont signés avec le secret bien connu {secret:?}"),
        ))
    }),
];

pub(super) const CHECKED_TOKENS: &[Check] = &[
    check("person-no-token", Auth, Required, &TOKENS, |s| refuses(s, person, no_token)),
    check("health-no-token", Auth, Required, &TOKENS, |s| refuses(s, record, no_token)),
    check("person-forged-token", Auth, Required, &TOKENS, |s| refuses(s, person, forged)),
    check("health-forged-token", Auth, Required, &TOKENS, |s| refuses(s, record, forged)),
    check("person-unsigned-token", Auth, Robust, &TOKENS, |s| refuses(s, person, unsigned)),
    check("health-unsigned-token", Auth, Robust, &TOKENS, |s| refuses(s, record, unsigned)),
    check("auth-challenge", Auth, Expected, &TOKENS, |s| {
        s.token()?;
        let path = record(s)?;
        s.health("GET", &path)?.without_token().send().must_have("WWW-Authenticate")?;
        match person(s) {
            // The plan has no real person service.
            Err(_) => Ok(()),
            Ok(path) => s.person("GET", &path)?.without_token().send().must_have("WWW-Authenticate"),
        }
    }),
];

fn register(s: &Subject, username: &str, password: &str) -> Result<Exchange, Stop> {
    Ok(s.auth("POST", "/register")?.json(s.credentials(username, password)).send())
}

fn log_in(s: &Subject, username: &str, password: &str) -> Result<Exchange, Stop> {
    Ok(s.auth("POST", "/login")?.json(s.credentials(username, password)).send())
}

/// Creates an account, and returns its username.
fn registered(s: &mut Subject) -> Result<String, Stop> {
    let username = s.new_username();
    if register(s, &username, PASSWORD)?.is_ok() {
        return Ok(username);
    }
    skip(text(
        "nobody could be registered at POST /register",
        "aucune inscription n'a réussi par POST /register",
    ))
}

/// Returns the words of a body without digits: ids and times differ from one response to the next.
fn words(exchange: &Exchange) -> Vec<String> {
    let text = exchange.text();
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.contains(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// Returns the token that requests carry, from auth or from the plan.
fn any_jwt(s: &Subject) -> Result<String, Stop> {
    let token = s.token()?.value.clone();
    match jwt::claims(&token) {
        Some(_) => Ok(token),
        None => skip(NOT_A_JWT),
    }
}

/// Fails unless a GET with another token, or with none, is a 401.
fn refuses(
    s: &mut Subject,
    path: fn(&mut Subject) -> Result<String, Stop>,
    replace: fn(&str) -> Result<Option<String>, Stop>,
) -> Result<(), Stop> {
    let valid = s.token()?.value.clone();
    let path = path(s)?;
    let get = if path.starts_with("/health") { s.health("GET", &path)? } else { s.person("GET", &path)? };
    let get = match replace(&valid)? {
        None => get.without_token(),
        Some(token) => get.with_token(&token),
    };
    get.send().must_be(&[401])
}

fn no_token(_: &str) -> Result<Option<String>, Stop> {
    Ok(None)
}

fn forged(token: &str) -> Result<Option<String>, Stop> {
    Ok(Some(jwt::forged(token)))
}

fn unsigned(token: &str) -> Result<Option<String>, Stop> {
    match jwt::unsigned(token) {
        Some(token) => Ok(Some(token)),
        None => skip(NOT_A_JWT),
    }
}

fn person(s: &mut Subject) -> Result<String, Stop> {
    Ok(person_path(&s.new_person()?))
}

fn record(s: &mut Subject) -> Result<String, Stop> {
    Ok(health_path(&s.new_record()?))
}
