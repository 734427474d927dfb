//! Person: what it does with bodies that are wrong.

use serde_json::json;

use super::lab;
use crate::check::{Area::Person, Check, Level::Expected, Level::Robust, Stop};
use crate::http::Exchange;
use crate::subject::{ADA, Subject};
use crate::text::text;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "person-broken-json",
        area: Person,
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
        run: |s| post(s, "application/json", "{\"name\": ")?.must_be(&[400, 422]),
    },
    Check {
        id: "person-not-an-object",
        area: Person,
        level: Expected,
        lab: &lab::BODIES,
        title: text("a JSON body that is a list is refused", "un corps JSON qui est une liste est refusé"),
        why: text(
            "It is good JSON, so the parser lets it through; the code that expects an object then crashes.",
            "C'est du JSON valable, l'analyseur le laisse passer ; le code qui attend un objet plante \
             ensuite.",
        ),
        mend: text(
            "Look whether the body is an object before you take fields from it.",
            "Vérifiez que le corps est un objet avant d'y prendre des champs.",
        ),
        flask: "if not isinstance(body, dict): abort(400, \"send an object\")",
        run: |s| post(s, "application/json", "[1, 2]")?.must_be(&[400, 422]),
    },
    Check {
        id: "person-name-missing",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ID,
        title: text("a person without a name is refused", "une personne sans nom est refusée"),
        why: text(
            "What is stored without a name comes back as null later, where nobody can mend it any more.",
            "Ce qui est enregistré sans nom ressort plus tard en null, quand plus personne ne peut le \
             corriger.",
        ),
        mend: text("Answer 400 or 422 and name the field.", "Répondez 400 ou 422 en nommant le champ."),
        flask: "if \"name\" not in body: abort(422, \"name is missing\")",
        run: |s| post(s, "application/json", "{}")?.must_be(&[400, 422]),
    },
    Check {
        id: "person-name-number",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ID,
        title: text("a name that is a number is refused", "un nom qui est un nombre est refusé"),
        why: text(
            "The lab says that a name is a string; whoever reads it will treat it as one.",
            "Le sujet dit qu'un nom est une chaîne ; qui le lit le traitera comme telle.",
        ),
        mend: text("Check the type before you store.", "Vérifiez le type avant d'enregistrer."),
        flask: "if not isinstance(body[\"name\"], str): abort(422, \"name must be a string\")",
        run: |s| post(s, "application/json", &s.person_body(42).to_string())?.must_be(&[400, 422]),
    },
    Check {
        id: "person-name-empty",
        area: Person,
        level: Robust,
        lab: &lab::PERSON_ID,
        title: text("a name of nothing but spaces is refused", "un nom fait d'espaces est refusé"),
        why: text(
            "Nobody is called \"   \"; it is a form that was sent by accident.",
            "Personne ne s'appelle « » ; c'est un formulaire envoyé par accident.",
        ),
        mend: text(
            "Refuse names that are empty once stripped.",
            "Refusez les noms vides une fois les espaces ôtés.",
        ),
        flask: "if not name.strip(): abort(422, \"name is empty\")",
        run: |s| post(s, "application/json", &s.person_body("   ").to_string())?.must_be(&[400, 422]),
    },
    Check {
        id: "person-name-long",
        area: Person,
        level: Robust,
        lab: &lab::PERSON_ID,
        title: text("a name of 20,000 letters is refused", "un nom de 20 000 lettres est refusé"),
        why: text(
            "Without a limit, one client fills the disk, and every list that shows the name.",
            "Sans limite, un seul client remplit le disque, et toutes les listes qui affichent le nom.",
        ),
        mend: text("Limit the length: 200 is plenty.", "Limitez la longueur : 200 suffit largement."),
        flask: "if len(name) > 200: abort(422, \"name is too long\")",
        run: |s| {
            let body = s.person_body("a".repeat(20_000)).to_string();
            post(s, "application/json", &body)?.must_be(&[400, 413, 422])
        },
    },
    Check {
        id: "person-large-body",
        area: Person,
        level: Robust,
        lab: &lab::BODIES,
        title: text("a body of a megabyte is refused", "un corps d'un mégaoctet est refusé"),
        why: text(
            "A body is held in memory whole. A few large ones at once end the service.",
            "Un corps est gardé en entier en mémoire. Quelques gros à la fois arrêtent le service.",
        ),
        mend: text("Set a limit on bodies; answer 413.", "Fixez une taille maximale ; répondez 413."),
        flask: "app.config[\"MAX_CONTENT_LENGTH\"] = 64 * 1024",
        run: |s| {
            let mut body = s.person_body(ADA);
            body["padding"] = json!("a".repeat(1_000_000));
            post(s, "application/json", &body.to_string())?.must_find_it_too_large()
        },
    },
    Check {
        id: "person-media-type",
        area: Person,
        level: Expected,
        lab: &lab::BODIES,
        title: text(
            "a body that is not announced as JSON is refused",
            "un corps non annoncé comme JSON est refusé",
        ),
        why: text(
            "415 tells the client which header line it forgot (RFC 9110, 15.5.16); a page in a browser can \
             send text/plain to any site unasked.",
            "415 dit au client quel en-tête il a oublié (RFC 9110, 15.5.16) ; une page web peut envoyer du \
             text/plain à n'importe quel site.",
        ),
        mend: text(
            "Take application/json only, and answer 415 to the rest.",
            "N'acceptez que application/json, et répondez 415 au reste.",
        ),
        flask: "body = request.get_json()  # without force=True",
        run: |s| post(s, "text/plain", &s.person_body(ADA).to_string())?.must_be(&[415, 400]),
    },
    Check {
        id: "person-no-trace",
        area: Person,
        level: Robust,
        lab: &lab::BODIES,
        title: text("errors tell nothing of the inside", "les erreurs ne révèlent rien de l'intérieur"),
        why: text(
            "A stack trace tells an attacker paths, versions and SQL; a debugger in the page gives the \
             machine away.",
            "Une trace d'exécution livre chemins, versions et SQL ; un débogueur dans la page livre la \
             machine.",
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
            s.person("GET", "/persons/abc")?.send().must_not_leak()
        },
    },
];

/// Sends a body to where persons are made; who is made of it is tidied away.
fn post(s: &mut Subject, kind: &str, body: &str) -> Result<Exchange, Stop> {
    let came = s.person("POST", "/persons")?.body(kind, body).send();
    s.adopt(&came);
    Ok(came)
}
