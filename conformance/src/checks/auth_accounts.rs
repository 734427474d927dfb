//! Auth: accounts, and what it tells whoever guesses.

use super::lab;
use crate::check::{Area::Auth, Check, Level::Expected, Level::Required, Level::Robust, Stop, skip};
use crate::http::Exchange;
use crate::subject::{PASSWORD, Subject};
use crate::text::text;

const OTHER_PASSWORD: &str = "Another, 2 long passwords";
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
        id: "auth-registered",
        area: Auth,
        level: Expected,
        lab: &lab::TOKENS,
        title: text("POST /register answers 201", "POST /register répond 201"),
        why: text(
            "An account exists now that did not (RFC 9110, 15.3.2).",
            "Un compte existe, qui n'existait pas (RFC 9110, 15.3.2).",
        ),
        mend: text("Answer 201 where something was made.", "Répondez 201 quand quelque chose a été créé."),
        flask: "return jsonify(username=username), 201",
        run: |s| {
            let username = s.new_username();
            register(s, &username, PASSWORD)?.must_be(&[201])
        },
    },
    Check {
        id: "auth-taken",
        area: Auth,
        level: Expected,
        lab: &lab::TOKENS,
        title: text("a username that is taken is a 409", "un nom d'utilisateur déjà pris donne 409"),
        why: text(
            "The client must learn that it has to choose another name.",
            "Le client doit apprendre qu'il faut choisir un autre nom.",
        ),
        mend: text(
            "Make the column unique and turn the violation into 409.",
            "Rendez la colonne unique et traduisez la violation en 409.",
        ),
        flask: "except sqlite3.IntegrityError: abort(409, \"this username is taken\")",
        run: |s| {
            let username = registered(s)?;
            register(s, &username, OTHER_PASSWORD)?.must_be(&[409])
        },
    },
    Check {
        id: "auth-taken-keeps",
        area: Auth,
        level: Robust,
        lab: &lab::TOKENS,
        title: text(
            "registering a taken name changes nothing of the account",
            "réinscrire un nom déjà pris ne change rien au compte",
        ),
        why: text(
            "Else anybody takes over any account by registering it again.",
            "Sinon n'importe qui s'empare d'un compte en le réinscrivant.",
        ),
        mend: text("INSERT, never INSERT OR REPLACE.", "INSERT, jamais INSERT OR REPLACE."),
        flask: "db.execute(\"INSERT INTO account VALUES (?, ?)\", ...)",
        run: |s| {
            let username = registered(s)?;
            register(s, &username, OTHER_PASSWORD)?;
            log_in(s, &username, PASSWORD)?.must_be_ok()?;
            log_in(s, &username, OTHER_PASSWORD)?.must_not_be_ok()
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
            "La différence révèle à un attaquant quels comptes existent, et lui épargne la moitié du travail.",
        ),
        mend: text(
            "Answer 401 with one sentence for both.",
            "Répondez 401 avec une seule phrase pour les deux.",
        ),
        flask: "if row is None or not check_password_hash(...): abort(401, \"username or password is wrong\")",
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
        id: "auth-weak-password",
        area: Auth,
        level: Robust,
        lab: &lab::TOKENS,
        title: text("a password of one letter is refused", "un mot de passe d'une lettre est refusé"),
        why: text("It is guessed at once.", "Il se devine aussitôt."),
        mend: text(
            "Ask for 8 characters at least (NIST SP 800-63B).",
            "Exigez 8 caractères au moins (NIST SP 800-63B).",
        ),
        flask: "if len(password) < 8: abort(422, \"the password is too short\")",
        run: |s| {
            let username = s.new_username();
            register(s, &username, "a")?.must_be(&[400, 422])
        },
    },
    Check {
        id: "auth-no-echo",
        area: Auth,
        level: Robust,
        lab: &lab::TOKENS,
        title: text("no answer contains the password", "aucune réponse ne contient le mot de passe"),
        why: text(
            "Answers are logged, cached and shown; and a service that can give a password back has kept it.",
            "Les réponses sont journalisées, mises en cache, affichées ; et un service qui peut rendre un mot de passe l'a gardé.",
        ),
        mend: text(
            "Answer with the username; keep a slow hash (argon2, scrypt) and nothing else.",
            "Répondez avec le nom d'utilisateur ; ne gardez qu'une empreinte lente (argon2, scrypt).",
        ),
        flask: "return jsonify(username=username), 201  # generate_password_hash(password) in the table",
        run: |s| {
            let username = s.new_username();
            for came in [register(s, &username, PASSWORD)?, log_in(s, &username, PASSWORD)?] {
                came.must(!came.text().contains(PASSWORD), "no password", "pas de mot de passe")?;
            }
            Ok(())
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
        flask: "# Flask-Limiter: @limiter.limit(\"5 per minute\", key_func=lambda: request.json[\"username\"])",
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

pub(super) fn register(s: &Subject, username: &str, password: &str) -> Result<Exchange, Stop> {
    Ok(s.auth("POST", "/register")?.json(&s.credentials(username, password)).send())
}

pub(super) fn log_in(s: &Subject, username: &str, password: &str) -> Result<Exchange, Stop> {
    Ok(s.auth("POST", "/login")?.json(&s.credentials(username, password)).send())
}

/// Somebody who has an account.
pub(super) fn registered(s: &mut Subject) -> Result<String, Stop> {
    let username = s.new_username();
    if register(s, &username, PASSWORD)?.is_ok() {
        return Ok(username);
    }
    skip(text(
        "nobody could be registered at POST /register",
        "personne n'a pu être inscrit par POST /register",
    ))
}

/// A body without what differs from one request to the next anyway: words with a digit, as ids and times have.
fn said_alike(came: &Exchange) -> Vec<String> {
    let text = came.text();
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    words.map(str::to_owned).collect()
}
