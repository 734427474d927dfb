//! The auth service, and how person and health check its tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use super::lab::{BODIES, TOKENS};
use crate::check::{Area::Auth, Check, Level::Expected, Level::Required, Level::Robust, check};
use crate::http::Exchange;
use crate::jwt;
use crate::outcome::{Stop, ensure, fail, skip};
use crate::shape::PASSWORD;
use crate::subject::Subject;
use crate::subject::login::{Encoding, Login, token_of};
use crate::text::{Text, formatted, text};

const OTHER_PASSWORD: &str = "Another, 2 long passwords";
/// More wrong passwords in a row than a user mistypes.
const GUESSES: usize = 12;
/// A stolen token stays valid for this many seconds at most.
const LONGEST_LIFE: u64 = 24 * 3600;
pub(super) const NOT_A_JWT: Text = text("the token is not a JWT", "le jeton n'est pas un JWT");

pub(super) const ACCOUNTS: &[Check] = &[
    check("auth-registered", Auth, Robust, &TOKENS, |s| {
        let username = s.new_username();
        register(s, &username, PASSWORD)?.must_be(&[201])
    }),
    check("auth-taken", Auth, Robust, &TOKENS, |s| {
        let login = registered(s)?;
        register(s, &login.username, OTHER_PASSWORD)?.must_be(&[409])
    }),
    check("auth-taken-keeps", Auth, Robust, &TOKENS, |s| {
        let login = registered(s)?;
        register(s, &login.username, OTHER_PASSWORD)?;
        s.log_in(&login).must_be_ok()?;
        s.log_in(&login.with(&login.username, OTHER_PASSWORD)).must_not_be_ok()
    }),
    check("auth-weak-password", Auth, Robust, &TOKENS, |s| {
        let username = s.new_username();
        register(s, &username, "a")?.must_be_refused()
    }),
    check("auth-no-echo", Auth, Robust, &TOKENS, |s| {
        let username = s.new_username();
        let account = s.login.as_ref().map(|login| login.with(&username, PASSWORD));
        let registered = register(s, &username, PASSWORD)?;
        for exchange in [Some(registered), account.map(|account| s.log_in(&account))].into_iter().flatten() {
            exchange.must(!exchange.text().contains(PASSWORD), "no password", "pas de mot de passe")?;
        }
        Ok(())
    }),
];

pub(super) const LOGINS: &[Check] = &[
    check("auth-wrong-password", Auth, Required, &TOKENS, |s| {
        let login = changeable(account(s)?)?;
        gets_no_token(&s.log_in(&login.with(&login.username, OTHER_PASSWORD)))
    }),
    check("auth-unknown-refused", Auth, Required, &TOKENS, |s| {
        let login = changeable(account(s)?)?;
        let nobody = s.new_username();
        gets_no_token(&s.log_in(&login.with(&nobody, OTHER_PASSWORD)))
    }),
    check("auth-wrong-401", Auth, Expected, &TOKENS, |s| {
        let login = changeable(account(s)?)?;
        let exchange = s.log_in(&login.with(&login.username, OTHER_PASSWORD));
        if token_of(&exchange).is_some() {
            return skip(text(
                "no password is wrong: see `auth-wrong-password`",
                "aucun mot de passe n'est faux : voir `auth-wrong-password`",
            ));
        }
        exchange.must_be(&[401, 429])
    }),
    check("auth-unknown-user", Auth, Robust, &TOKENS, |s| {
        let login = changeable(account(s)?)?;
        let wrong = s.log_in(&login.with(&login.username, OTHER_PASSWORD));
        let nobody = s.new_username();
        let unknown = s.log_in(&login.with(&nobody, OTHER_PASSWORD));
        // Two tokens differ by chance alone.
        let is_refused = unknown.status().is_some_and(|status| status >= 400);
        unknown.must(
            is_refused && wrong.status() == unknown.status() && words(&wrong) == words(&unknown),
            "the same status and words as for a wrong password",
            "le même code et les mêmes mots que pour un mauvais mot de passe",
        )
    }),
    check("auth-broken-json", Auth, Expected, &BODIES, |s| {
        post_login(s, "{\"user")?.must_be(&[400, 401, 415, 422])
    }),
    check("auth-missing-field", Auth, Expected, &BODIES, |s| {
        post_login(s, "{}")?.must_be(&[400, 401, 403, 422])
    }),
    check("auth-login-by-get", Auth, Robust, &TOKENS, |s| {
        let login = account(s)?;
        if login.encoding == Encoding::Basic {
            return skip(text(
                "this login takes no password from a body",
                "ce login ne prend pas le mot de passe dans un corps",
            ));
        }
        gets_no_token(&s.log_in(&Login {
            method: "GET".to_owned(),
            encoding: Encoding::Query,
            ..login.clone()
        }))?;
        s.request_to("GET", login.url).without_token().send().must_not_be_ok()
    }),
    check("auth-throttle", Auth, Robust, &TOKENS, |s| {
        let login = account(s)?;
        if !login.is_own {
            return skip(text(
                "a dozen wrong passwords could lock the only account",
                "une douzaine de mauvais mots de passe pourrait bloquer le seul compte",
            ));
        }
        let wrong = login.with(&login.username, OTHER_PASSWORD);
        let mut last = s.log_in(&wrong);
        for _ in 1..GUESSES {
            if last.status() != Some(429) {
                last = s.log_in(&wrong);
            }
        }
        last.must_be(&[429])
    }),
];

pub(super) const ISSUED_TOKENS: &[Check] = &[
    check("auth-login", Auth, Required, &TOKENS, |s| {
        let login = account(s)?;
        let exchange = s.log_in(&login);
        exchange.must_be_ok()?;
        let is_jwt = token_of(&exchange).and_then(|token| jwt::claims(&token)).is_some();
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
        let login = account(s)?;
        let Some(token) = token_of(&s.log_in(&login)) else {
            return skip(text(
                "no token was returned: see `auth-login`",
                "aucun jeton reçu : voir `auth-login`",
            ));
        };
        let claims = jwt::claims(&token).unwrap_or_default().to_string();
        let tells = login.is_own && claims.contains(PASSWORD) || claims.contains("\"password\"");
        ensure(
            !tells,
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

fn register(s: &Subject, username: &str, password: &str) -> Result<Exchange, Stop> {
    match &s.register {
        Some(url) => {
            let request = s.request_to("POST", url.clone()).without_token();
            Ok(request.json(s.credentials(username, password)).send())
        }
        None => skip(text(
            "nobody can register: the lab does not ask for it",
            "personne ne peut s'inscrire : le sujet ne le demande pas",
        )),
    }
}

/// Creates an account, and returns its login.
fn registered(s: &mut Subject) -> Result<Login, Stop> {
    let username = s.new_username();
    if register(s, &username, PASSWORD)?.is_ok()
        && let Some(login) = &s.login
    {
        return Ok(Login { is_own: true, ..login.with(&username, PASSWORD) });
    }
    skip(text("no account could be registered", "aucune inscription n'a réussi"))
}

/// Returns the login of a new account, or else of the account with which the checker got in.
fn account(s: &mut Subject) -> Result<Login, Stop> {
    if s.register.is_some() {
        return registered(s);
    }
    match &s.login {
        Some(login) => Ok(login.clone()),
        None => skip(text(
            "no login was found: give `--auth` or a login in `--fields`",
            "aucun login trouvé : indiquez `--auth` ou un login dans `--fields`",
        )),
    }
}

/// Skips the check if the password of the login is not known, so that it cannot be replaced by a wrong one.
fn changeable(login: Login) -> Result<Login, Stop> {
    if login.password.is_empty() {
        return skip(text(
            "which field of the login is the password? Give its name as `password` in `--fields`",
            "quel champ du login est le mot de passe ? Indiquez son nom par `password` dans `--fields`",
        ));
    }
    Ok(login)
}

fn gets_no_token(exchange: &Exchange) -> Result<(), Stop> {
    exchange.must(exchange.response.is_ok(), "a response", "une réponse")?;
    exchange.must(token_of(exchange).is_none(), "no token", "pas de jeton")
}

/// Sends a text as the body of a login that takes JSON.
fn post_login(s: &mut Subject, body: &str) -> Result<Exchange, Stop> {
    let login = account(s)?;
    if login.encoding != Encoding::Json {
        return skip(text("this login does not take JSON", "ce login ne prend pas de JSON"));
    }
    Ok(s.request_to("POST", login.url).without_token().body("application/json", body).send())
}

/// Returns the words of a body without digits: ids and times differ from one response to the next.
fn words(exchange: &Exchange) -> Vec<String> {
    let text = exchange.text();
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.contains(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// Returns the token that requests carry, from auth or from the plan.
pub(super) fn any_jwt(s: &Subject) -> Result<String, Stop> {
    let token = s.token()?.value.clone();
    match jwt::claims(&token) {
        Some(_) => Ok(token),
        None => skip(NOT_A_JWT),
    }
}
