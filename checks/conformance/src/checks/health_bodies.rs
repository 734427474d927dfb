//! Health: what it does with bodies that are wrong.

use super::lab;
use crate::check::{Area::Health, Check, Level::Expected, Level::Robust, Stop};
use crate::http::Exchange;
use crate::subject::{Subject, health_path};
use crate::text::text;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "health-broken-json",
        area: Health,
        level: Expected,
        lab: &lab::BODIES,
        title: text("a body that is not JSON is a 400", "un corps qui n'est pas du JSON donne 400"),
        why: text(
            "It is the client's mistake, so a 4xx; a 500 sends people to look for it in the service.",
            "C'est l'erreur du client, donc un 4xx ; un 500 la fait chercher dans le service.",
        ),
        mend: text(
            "Catch the parser's error, or use the framework's parser, which answers 400.",
            "Attrapez l'erreur de l'analyseur, ou utilisez celui du framework, qui répond 400.",
        ),
        flask: "body = request.get_json()  # not json.loads(request.data)",
        run: |s| post(s, "application/json", "{\"weight\": ")?.must_be(&[400, 422]),
    },
    Check {
        id: "health-not-an-object",
        area: Health,
        level: Expected,
        lab: &lab::BODIES,
        title: text("a JSON body that is a list is refused", "un corps JSON qui est une liste est refusé"),
        why: text(
            "It would be stored, and then break whoever reads the record as an object.",
            "Elle serait enregistrée, puis ferait échouer qui lit la fiche comme un objet.",
        ),
        mend: text(
            "Look whether the body is an object before you store it.",
            "Vérifiez que le corps est un objet avant de l'enregistrer.",
        ),
        flask: "if not isinstance(body, dict): abort(400, \"send an object\")",
        run: |s| post(s, "application/json", "[1, 2]")?.must_be(&[400, 422]),
    },
    Check {
        id: "health-media-type",
        area: Health,
        level: Expected,
        lab: &lab::BODIES,
        title: text(
            "a body that is not announced as JSON is refused",
            "un corps non annoncé comme JSON est refusé",
        ),
        why: text(
            "415 tells the client which header line it forgot (RFC 9110, 15.5.16).",
            "415 dit au client quel en-tête il a oublié (RFC 9110, 15.5.16).",
        ),
        mend: text(
            "Take application/json only, and answer 415 to the rest.",
            "N'acceptez que application/json, et répondez 415 au reste.",
        ),
        flask: "body = request.get_json()  # without force=True",
        run: |s| {
            let record = serde_json::Value::from(s.record()).to_string();
            post(s, "text/plain", &record)?.must_be(&[415, 400])
        },
    },
    Check {
        id: "health-large-body",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_STORE,
        title: text("a body of a megabyte is refused", "un corps d'un mégaoctet est refusé"),
        why: text(
            "Four numbers need no megabyte. Without a limit one client fills memory, and the file that is \
             rewritten at each change.",
            "Quatre nombres ne pèsent pas un mégaoctet. Sans limite, un seul client remplit la mémoire, et \
             le fichier réécrit à chaque changement.",
        ),
        mend: text("Set a limit on bodies; answer 413.", "Fixez une taille maximale ; répondez 413."),
        flask: "app.config[\"MAX_CONTENT_LENGTH\"] = 64 * 1024",
        run: |s| {
            let mut body = s.record();
            body.insert("padding".to_owned(), "a".repeat(1_000_000).into());
            post(s, "application/json", &serde_json::Value::from(body).to_string())?.must_find_it_too_large()
        },
    },
    Check {
        id: "health-no-trace",
        area: Health,
        level: Robust,
        lab: &lab::BODIES,
        title: text("errors tell nothing of the inside", "les erreurs ne révèlent rien de l'intérieur"),
        why: text(
            "A stack trace tells an attacker paths, versions and libraries; a debugger in the page gives \
             the machine away.",
            "Une trace d'exécution livre chemins, versions et bibliothèques ; un débogueur dans la page \
             livre la machine.",
        ),
        mend: text(
            "Log the cause, answer a short sentence, and never run in debug mode.",
            "Journalisez la cause, répondez une phrase courte, et ne lancez jamais en mode debug.",
        ),
        flask: "app.run(debug=False)  # or gunicorn",
        run: |s| {
            for body in ["{", "[1, 2]", "{}"] {
                post(s, "application/json", body)?.must_not_leak()?;
            }
            s.health("GET", "/health/abc")?.send().must_not_leak()
        },
    },
];

/// Sends a body to where somebody's record is made.
fn post(s: &mut Subject, kind: &str, body: &str) -> Result<Exchange, Stop> {
    let id = s.somebody()?;
    s.will_have_a_record(&id);
    Ok(s.health("POST", &health_path(&id))?.body(kind, body).send())
}
