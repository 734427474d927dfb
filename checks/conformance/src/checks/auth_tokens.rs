//! Auth: the tokens that it issues.

use std::time::{SystemTime, UNIX_EPOCH};

use super::auth_accounts::{log_in, registered};
use super::lab;
use crate::check::{Area::Auth, Check, Level::Expected, Level::Required, Level::Robust, Stop, ensure, skip};
use crate::jwt;
use crate::shape::token_in;
use crate::subject::{PASSWORD, Subject};
use crate::text::{said, text};

/// A token that is stolen is good for so long.
const LONGEST_LIFE: u64 = 24 * 3600;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "auth-login",
        area: Auth,
        level: Required,
        lab: &lab::TOKENS,
        title: text("POST /login gives a JWT", "POST /login donne un JWT"),
        why: text(
            "It is what this service is for; without one nobody gets in.",
            "C'est la raison d'être de ce service ; sans jeton, personne n'entre.",
        ),
        mend: text(
            "Check the password, then sign a token that says who it is for and until when.",
            "Vérifiez le mot de passe, puis signez un jeton qui dit pour qui et jusqu'à quand.",
        ),
        flask: concat!(
            "token = jwt.encode({\"sub\": username, \"exp\": now + 900}, KEY, \"HS256\")\n",
            "return jsonify(access_token=token)"
        ),
        run: |s| {
            let username = registered(s)?;
            let came = log_in(s, &username, PASSWORD)?;
            came.must_be_ok()?;
            let is_jwt = token_in(&came.text()).and_then(|token| jwt::claims(&token)).is_some();
            came.must(is_jwt, "a body with a JWT", "un corps contenant un JWT")
        },
    },
    Check {
        id: "auth-token-expires",
        area: Auth,
        level: Expected,
        lab: &lab::TOKENS,
        title: text("a token expires within a day", "un jeton expire en moins d'un jour"),
        why: text(
            "A stolen token cannot be called back; only its end ends it (RFC 7519, 4.1.4).",
            "Un jeton volé ne se rappelle pas ; seule sa fin y met fin (RFC 7519, 4.1.4).",
        ),
        mend: text("Put exp into it: 15 minutes are usual.", "Mettez-y exp : 15 minutes est l'usage."),
        flask: "jwt.encode({\"sub\": username, \"iat\": now, \"exp\": now + 900}, KEY, \"HS256\")",
        run: |s| {
            let claims = jwt::claims(&any_token(s)?).unwrap_or_default();
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let Some(ends) = claims["exp"].as_f64() else {
                return ensure(false, text("the token has no `exp`", "le jeton n'a pas de `exp`"));
            };
            let life = ends as u64 - now.min(ends as u64);
            ensure(
                life <= LONGEST_LIFE,
                said(format!("the token is good for {life} s"), format!("le jeton est valable {life} s")),
            )
        },
    },
    Check {
        id: "auth-token-tells-nothing",
        area: Auth,
        level: Robust,
        lab: &lab::TOKENS,
        title: text("a token holds no password", "un jeton ne contient pas de mot de passe"),
        why: text(
            "A JWT is signed, not encrypted: whoever sees it can read all of it.",
            "Un JWT est signé, pas chiffré : qui le voit peut tout lire.",
        ),
        mend: text(
            "Put the username in, and nothing secret.",
            "Mettez-y le nom d'utilisateur, et rien de secret.",
        ),
        flask: "jwt.encode({\"sub\": username, \"exp\": now + 900}, KEY, \"HS256\")",
        run: |s| {
            let claims = jwt::claims(&own_token(s)?).unwrap_or_default().to_string();
            let tells = claims.contains(PASSWORD) || claims.contains("\"password\"");
            ensure(
                !tells,
                text(
                    "the token's claims hold the password",
                    "les données du jeton contiennent le mot de passe",
                ),
            )
        },
    },
    Check {
        id: "auth-secret",
        area: Auth,
        level: Robust,
        lab: &lab::TOKENS,
        title: text("the signing secret cannot be guessed", "le secret de signature ne se devine pas"),
        why: text(
            "Whoever knows the secret signs a token for anybody. Those that stand in tutorials and in a \
             public repository are known to all.",
            "Qui connaît le secret signe un jeton pour n'importe qui. Ceux des tutoriels, ou d'un dépôt \
             public, sont connus de tous.",
        ),
        mend: text(
            "Make 32 random bytes, keep them out of the source, and refuse to start without them.",
            "Tirez 32 octets au hasard, gardez-les hors du code source, et refusez de démarrer sans eux.",
        ),
        flask: "KEY = os.environ[\"JWT_SECRET\"]  # made by: openssl rand -hex 32",
        run: |s| {
            let secret = jwt::guess_secret(&any_token(s)?).unwrap_or_default();
            ensure(
                secret.is_empty(),
                said(
                    format!("tokens are signed with the well-known secret {secret:?}"),
                    format!("les jetons sont signés avec le secret bien connu {secret:?}"),
                ),
            )
        },
    },
];

/// The token that requests carry, whoever issued it.
fn any_token(s: &Subject) -> Result<String, Stop> {
    let token = s.token()?.value.clone();
    match jwt::claims(&token) {
        Some(_) => Ok(token),
        None => skip(text("the token is no JWT", "le jeton n'est pas un JWT")),
    }
}

/// A token of somebody whose password is known here.
fn own_token(s: &mut Subject) -> Result<String, Stop> {
    let username = registered(s)?;
    let token = token_in(&log_in(s, &username, PASSWORD)?.text());
    match token {
        Some(token) => Ok(token),
        None => skip(text("no token was given: see `auth-login`", "aucun jeton reçu : voir `auth-login`")),
    }
}
