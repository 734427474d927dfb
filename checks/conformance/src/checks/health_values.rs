//! Health: which values it takes for vital signs.

use serde_json::{Map, Value, json};

use super::lab;
use crate::check::{Area::Health, Check, Level::Expected, Level::Robust, Stop};
use crate::http::Exchange;
use crate::subject::{Subject, health_path};
use crate::text::text;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "health-weight-text",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("a weight that is a word is refused", "un poids qui est un mot est refusé"),
        why: text(
            "Whoever computes with it later crashes, far from whoever sent it.",
            "Qui calcule avec plus tard plante, loin de celui qui l'a envoyé.",
        ),
        mend: text(
            "Check the type of each field: 400 or 422.",
            "Vérifiez le type de chaque champ : 400 ou 422.",
        ),
        flask: "if not isinstance(body[\"weight\"], (int, float)): abort(422, \"weight must be a number\")",
        run: |s| post(s, s.record_weighing("heavy"))?.must_be(&[400, 422]),
    },
    Check {
        id: "health-weight-null",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("a weight that is null is refused", "un poids null est refusé"),
        why: text(
            "null says neither that the weight is unknown nor what it is; leave the field out for that.",
            "null ne dit ni que le poids est inconnu ni ce qu'il vaut ; pour cela, on omet le champ.",
        ),
        mend: text(
            "Check the type of each field: 400 or 422.",
            "Vérifiez le type de chaque champ : 400 ou 422.",
        ),
        flask: "if body[\"weight\"] is None: abort(422, \"weight must be a number\")",
        run: |s| post(s, s.record_weighing(Value::Null))?.must_be(&[400, 422]),
    },
    Check {
        id: "health-weight-negative",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_ROUTES,
        title: text("a weight of -5 is refused", "un poids de -5 est refusé"),
        why: text(
            "No body weighs less than nothing; it is a mistake that only this service can see in time.",
            "Aucun corps ne pèse moins que rien ; seul ce service peut voir l'erreur à temps.",
        ),
        mend: text(
            "Give each value a smallest and a largest.",
            "Donnez à chaque valeur un minimum et un maximum.",
        ),
        flask: "if not 0.2 <= weight <= 700: abort(422, \"weight must be 0.2 to 700 kg\")",
        run: |s| post(s, s.record_weighing(-5))?.must_be(&[400, 422]),
    },
    Check {
        id: "health-weight-absurd",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_ROUTES,
        title: text("a weight of 70000 is refused", "un poids de 70000 est refusé"),
        why: text(
            "Somebody sent grams. Refused, they notice; stored, a dose is computed from it.",
            "Quelqu'un a envoyé des grammes. Refusé, il s'en aperçoit ; enregistré, on en calcule une dose.",
        ),
        mend: text(
            "Give each value a smallest and a largest.",
            "Donnez à chaque valeur un minimum et un maximum.",
        ),
        flask: "if not 0.2 <= weight <= 700: abort(422, \"weight must be 0.2 to 700 kg\")",
        run: |s| post(s, s.record_weighing(70_000))?.must_be(&[400, 422]),
    },
    Check {
        id: "health-empty",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_ROUTES,
        title: text("a record with nothing in it is refused", "une fiche vide est refusée"),
        why: text(
            "It says nothing, and is nearly always a form that was sent by accident.",
            "Elle ne dit rien, et c'est presque toujours un formulaire envoyé par accident.",
        ),
        mend: text("Ask for one vital sign at least.", "Demandez au moins une valeur."),
        flask: "if not body: abort(422, \"send at least one vital sign\")",
        run: |s| post(s, Map::new())?.must_be(&[400, 422]),
    },
    Check {
        id: "health-unknown-field",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_ROUTES,
        title: text("a field that is no vital sign is not stored", "un champ étranger n'est pas enregistré"),
        why: text(
            "`wieght` would be taken for a weight that was given; and the file fills with whatever anybody \
             sends.",
            "`piods` passerait pour un poids donné ; et le fichier se remplit de tout ce qu'on envoie.",
        ),
        mend: text(
            "Refuse fields that you do not know, and name them; or at least leave them out.",
            "Refusez les champs inconnus en les nommant ; ou au moins, ne les gardez pas.",
        ),
        flask: "unknown = body.keys() - FIELDS\nif unknown: abort(422, f\"unknown: {unknown}\")",
        run: |s| {
            let mut record = s.record();
            record.insert("conformance_unknown".to_owned(), json!("kept"));
            let came = post(s, record)?;
            let stored = s.health("GET", &came.path())?.send();
            stored.must(!stored.text().contains("conformance_unknown"), "no such field", "pas ce champ")
        },
    },
];

/// Sends a record for somebody new.
fn post(s: &mut Subject, record: Map<String, Value>) -> Result<Exchange, Stop> {
    let id = s.somebody()?;
    s.will_have_a_record(&id);
    Ok(s.health("POST", &health_path(&id))?.json(&record.into()).send())
}
