//! Auth: how accounts are made.

use super::lab;
use crate::check::{Area::Auth, Check, Level::Expected, Level::Robust, Stop, skip};
use crate::http::Exchange;
use crate::subject::{PASSWORD, Subject};
use crate::text::text;

pub(super) const OTHER_PASSWORD: &str = "Another, 2 long passwords";

pub(super) const CHECKS: &[Check] = &[
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
            "Les réponses sont journalisées, mises en cache, affichées ; et un service qui peut rendre un \
             mot de passe l'a gardé.",
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
        "aucune inscription n'a réussi par POST /register",
    ))
}
