//! Auth: logins, and what it tells whoever guesses.

use super::auth_accounts::{OTHER_PASSWORD, log_in, registered};
use super::lab;
use crate::check::{Area::Auth, Check, Level::Expected, Level::Required, Level::Robust};
use crate::http::Exchange;
use crate::text::text;

/// More than anybody mistypes in a row.
const GUESSES: usize = 12;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "auth-wrong-password",
        area: Auth,
        level: Required,
        lab: &lab::TOKENS,
        title: text("a wrong password is a 401", "un mauvais mot de passe donne 401"),
        why: text("Else the password protects nothing.", "Sinon le mot de passe ne protège rien."),
        mend: text(
            "Compare with the stored hash; answer 401 where they differ.",
            "Comparez à l'empreinte enregistrée ; répondez 401 si elle diffère.",
        ),
        flask: "if not check_password_hash(row[\"password\"], password): abort(401)",
        run: |s| {
            let username = registered(s)?;
            log_in(s, &username, OTHER_PASSWORD)?.must_be(&[401])
        },
    },
    Check {
        id: "auth-unknown-user",
        area: Auth,
        level: Robust,
        lab: &lab::TOKENS,
        title: text(
            "an unknown user and a wrong password get one answer",
            "utilisateur inconnu et mauvais mot de passe : même réponse",
        ),
        why: text(
            "The difference tells an attacker which accounts exist, and halves the work of guessing.",
            "La différence révèle à un attaquant quels comptes existent, et lui épargne la moitié du \
             travail.",
        ),
        mend: text(
            "Answer 401 with one sentence for both.",
            "Répondez 401 avec une seule phrase pour les deux.",
        ),
        flask: concat!(
            "if row is None or not check_password_hash(...):\n",
            "    abort(401, \"username or password is wrong\")"
        ),
        run: |s| {
            let known = registered(s)?;
            let wrong = log_in(s, &known, OTHER_PASSWORD)?;
            let nobody = s.new_username();
            let unknown = log_in(s, &nobody, OTHER_PASSWORD)?;
            unknown.must_be(&[401])?;
            unknown.must(
                said_alike(&wrong) == said_alike(&unknown),
                "the same words as for a wrong password",
                "les mêmes mots que pour un mauvais mot de passe",
            )
        },
    },
    Check {
        id: "auth-broken-json",
        area: Auth,
        level: Expected,
        lab: &lab::BODIES,
        title: text("a login that is not JSON is a 400", "un login qui n'est pas du JSON donne 400"),
        why: text("It is the client's mistake, so a 4xx.", "C'est l'erreur du client, donc un 4xx."),
        mend: text(
            "Catch the parser's error, or use the framework's parser, which answers 400.",
            "Attrapez l'erreur de l'analyseur, ou utilisez celui du framework, qui répond 400.",
        ),
        flask: "body = request.get_json()",
        run: |s| s.auth("POST", "/login")?.body("application/json", "{\"user").send().must_be(&[400, 422]),
    },
    Check {
        id: "auth-missing-field",
        area: Auth,
        level: Expected,
        lab: &lab::BODIES,
        title: text("a login without its fields is a 4xx", "un login sans ses champs donne un 4xx"),
        why: text(
            "A 500 here is a KeyError: anybody on the network can make the service log a crash.",
            "Un 500 ici est un KeyError : n'importe qui sur le réseau peut faire planter la requête.",
        ),
        mend: text("Answer 400 or 422 and name the field.", "Répondez 400 ou 422 en nommant le champ."),
        flask: "username = body.get(\"username\")  # then abort(422) where it is None",
        run: |s| s.auth("POST", "/login")?.body("application/json", "{}").send().must_be(&[400, 401, 422]),
    },
    Check {
        id: "auth-login-by-get",
        area: Auth,
        level: Expected,
        lab: &lab::TOKENS,
        title: text("GET /login is refused", "GET /login est refusé"),
        why: text(
            "A password in a URL ends up in histories and in every log on the way.",
            "Un mot de passe dans une URL finit dans les historiques et dans tous les journaux.",
        ),
        mend: text("Take POST only.", "N'acceptez que POST."),
        flask: "@app.post(\"/login\")",
        run: |s| {
            let username = registered(s)?;
            let path = format!("/login?username={username}&password=Conformance");
            s.auth("GET", &path)?.send().must_be(&[405, 404, 400])
        },
    },
    Check {
        id: "auth-throttle",
        area: Auth,
        level: Robust,
        lab: &lab::TOKENS,
        title: text(
            "a dozen wrong passwords in a row are slowed down",
            "une douzaine de mauvais mots de passe de suite sont freinés",
        ),
        why: text(
            "Who may guess without a limit guesses most passwords in a night.",
            "Qui peut essayer sans limite devine la plupart des mots de passe en une nuit.",
        ),
        mend: text(
            "Count failures for each username; after five answer 429 with Retry-After, for a while.",
            "Comptez les échecs par utilisateur ; après cinq, répondez 429 avec Retry-After, quelque temps.",
        ),
        flask: concat!(
            "# Flask-Limiter:\n",
            "@limiter.limit(\"5 per minute\", key_func=lambda: request.json[\"username\"])"
        ),
        run: |s| {
            let username = registered(s)?;
            let mut last = log_in(s, &username, OTHER_PASSWORD)?;
            for _ in 1..GUESSES {
                if last.status() != Some(429) {
                    last = log_in(s, &username, OTHER_PASSWORD)?;
                }
            }
            last.must_be(&[429])
        },
    },
];

/// A body without what differs from one request to the next anyway: words with a digit, as ids and times have.
fn said_alike(came: &Exchange) -> Vec<String> {
    let text = came.text();
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    words.map(str::to_owned).collect()
}
