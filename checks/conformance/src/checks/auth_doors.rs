//! Auth: person and health let in whoever has a good token, and nobody else.

use super::lab;
use crate::check::{Area::Auth, Check, Level::Expected, Level::Required, Level::Robust, Stop, skip};
use crate::http::Exchange;
use crate::jwt;
use crate::subject::{Request, Subject, health_path};
use crate::text::{Text, text};

const WHY_NONE: Text = text(
    "Names and vital signs are for those whom they concern.",
    "Noms et données de santé ne regardent que les personnes concernées.",
);
const WHY_FORGED: Text = text(
    "A token whose signature is not checked can be written by anybody, for anybody.",
    "Un jeton dont la signature n'est pas vérifiée peut être écrit par n'importe qui, pour n'importe qui.",
);
const WHY_UNSIGNED: Text = text(
    "A token that says \"alg\": \"none\" asks not to be checked; some libraries oblige (RFC 8725, 3.1).",
    "Un jeton qui annonce « alg » : « none » demande à ne pas être vérifié ; certaines bibliothèques \
     obéissent (RFC 8725, 3.1).",
);
const MEND: Text = text(
    "Verify the token in one place that every route goes through, with the algorithm fixed; answer 401 \
     where that fails.",
    "Vérifiez le jeton à un seul endroit par lequel passent toutes les routes, algorithme fixé ; sinon \
     répondez 401.",
);
const FLASK: &str = "@app.before_request\ndef check(): jwt.decode(token, KEY, algorithms=[\"HS256\"])";

/// What a request carries in place of the good token; nothing where the good one is no JWT.
type Key = for<'s> fn(Request<'s>, &str) -> Option<Request<'s>>;

macro_rules! door {
    ($id:literal, $level:expr, $en:literal, $fr:literal, $why:expr, $open:expr, $with:expr) => {
        Check {
            id: $id,
            area: Auth,
            level: $level,
            lab: &lab::TOKENS,
            title: text($en, $fr),
            why: $why,
            mend: MEND,
            flask: FLASK,
            run: |s| {
                let token = s.token()?.value.clone();
                let path = $open(s)?;
                let door =
                    if path.starts_with("/health") { s.health("GET", &path) } else { s.person("GET", &path) };
                let with: Key = $with;
                match with(door?, &token) {
                    Some(request) => request.send().must_be(&[401]),
                    None => skip(text("the token is no JWT", "le jeton n'est pas un JWT")),
                }
            },
        }
    };
}

pub(super) const CHECKS: &[Check] = &[
    door!(
        "person-no-token",
        Required,
        "person lets nobody in without a token",
        "person ne laisse entrer personne sans jeton",
        WHY_NONE,
        a_person,
        |request, _| Some(request.without_token())
    ),
    door!(
        "health-no-token",
        Required,
        "health lets nobody in without a token",
        "health ne laisse entrer personne sans jeton",
        WHY_NONE,
        a_record,
        |request, _| Some(request.without_token())
    ),
    door!(
        "person-forged-token",
        Required,
        "person refuses a token with a wrong signature",
        "person refuse un jeton mal signé",
        WHY_FORGED,
        a_person,
        |request, token| Some(request.with_token(&jwt::forged(token)))
    ),
    door!(
        "health-forged-token",
        Required,
        "health refuses a token with a wrong signature",
        "health refuse un jeton mal signé",
        WHY_FORGED,
        a_record,
        |request, token| Some(request.with_token(&jwt::forged(token)))
    ),
    door!(
        "person-unsigned-token",
        Robust,
        "person refuses a token that says it has no signature",
        "person refuse un jeton qui se dit sans signature",
        WHY_UNSIGNED,
        a_person,
        |request, token| Some(request.with_token(&jwt::unsigned(token)?))
    ),
    door!(
        "health-unsigned-token",
        Robust,
        "health refuses a token that says it has no signature",
        "health refuse un jeton qui se dit sans signature",
        WHY_UNSIGNED,
        a_record,
        |request, token| Some(request.with_token(&jwt::unsigned(token)?))
    ),
    Check {
        id: "auth-challenge",
        area: Auth,
        level: Expected,
        lab: &lab::TOKENS,
        title: text(
            "a 401 says in WWW-Authenticate how to get in",
            "un 401 dit dans WWW-Authenticate comment entrer",
        ),
        why: text(
            "HTTP demands it of every 401 (RFC 9110, 15.5.2); clients choose by it what to send.",
            "HTTP l'exige de tout 401 (RFC 9110, 15.5.2) ; les clients y lisent quoi envoyer.",
        ),
        mend: text("Add the header line to the 401.", "Ajoutez cet en-tête au 401."),
        flask: "return jsonify(error=...), 401, {\"WWW-Authenticate\": \"Bearer\"}",
        run: |s| {
            s.token()?;
            let record = a_record(s)?;
            s.health("GET", &record)?.without_token().send().must_challenge()?;
            match a_person(s) {
                // The real person service was not given.
                Err(_) => Ok(()),
                Ok(person) => s.person("GET", &person)?.without_token().send().must_challenge(),
            }
        },
    },
];

fn a_person(s: &mut Subject) -> Result<String, Stop> {
    Ok(format!("/persons/{}", s.new_person()?))
}

fn a_record(s: &mut Subject) -> Result<String, Stop> {
    Ok(health_path(&s.new_record()?))
}

impl Exchange {
    fn must_challenge(&self) -> Result<(), Stop> {
        self.must(self.header("www-authenticate").is_some(), "WWW-Authenticate", "WWW-Authenticate")
    }
}
