//! Health: the routes of the lab do what it says.

use serde_json::{Map, Value};

use super::lab;
use crate::check::{Area::Health, Check, Level::Expected, Level::Required, Level::Robust, Stop, skip};
use crate::shape::holds;
use crate::subject::{Subject, health_path};
use crate::text::text;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "health-create",
        area: Health,
        level: Required,
        lab: &lab::HEALTH_ROUTES,
        title: text("POST /health/{id} makes a record", "POST /health/{id} crée une fiche"),
        why: text(
            "Nothing else of health can be used before a first record is in.",
            "Rien d'autre dans health n'est utilisable avant une première fiche.",
        ),
        mend: text(
            "Ask person, and on 200 store the body under the person's id.",
            "Interrogez person, et sur un 200 enregistrez le corps sous l'id de la personne.",
        ),
        flask: "records[str(id)] = request.get_json(); save(records)",
        run: |s| {
            let id = s.somebody()?;
            s.will_have_a_record(&id);
            s.health("POST", &health_path(&id))?.json(&s.record().into()).send().must_be_ok()
        },
    },
    Check {
        id: "health-read",
        area: Health,
        level: Required,
        lab: &lab::HEALTH_ROUTES,
        title: text(
            "GET /health/{id} gives back what was recorded",
            "GET /health/{id} rend ce qui a été enregistré",
        ),
        why: text(
            "Vital signs that come back changed are worse than none.",
            "Des données de santé qui reviennent modifiées sont pires que rien.",
        ),
        mend: text(
            "Answer 200 with the record as it was sent: same fields, same numbers.",
            "Répondez 200 avec la fiche telle qu'envoyée : mêmes champs, mêmes nombres.",
        ),
        flask: "return jsonify(records[str(id)])",
        run: |s| {
            let id = s.new_record()?;
            stored(s, &id, &s.record())
        },
    },
    Check {
        id: "health-replace",
        area: Health,
        level: Required,
        lab: &lab::HEALTH_ROUTES,
        title: text("PUT /health/{id} replaces the record", "PUT /health/{id} remplace la fiche"),
        why: text(
            "A PUT that answers well and changes nothing loses the new values in silence.",
            "Un PUT qui répond bien sans rien changer perd les nouvelles valeurs en silence.",
        ),
        mend: text(
            "Store the body in place of the old record.",
            "Enregistrez le corps à la place de l'ancienne fiche.",
        ),
        flask: "records[str(id)] = request.get_json(); save(records)",
        run: |s| {
            let id = s.new_record()?;
            let changed = s.record_weighing(71.25);
            s.health("PUT", &health_path(&id))?.json(&changed.clone().into()).send().must_be_ok()?;
            stored(s, &id, &changed)
        },
    },
    Check {
        id: "health-delete",
        area: Health,
        level: Required,
        lab: &lab::HEALTH_ROUTES,
        title: text("DELETE /health/{id} removes the record", "DELETE /health/{id} supprime la fiche"),
        why: text(
            "Whoever asks for their vital signs to be erased has a right to it.",
            "Qui demande l'effacement de ses données de santé y a droit.",
        ),
        mend: text("Remove the entry and save the file.", "Retirez l'entrée et enregistrez le fichier."),
        flask: "records.pop(str(id)); save(records); return \"\", 204",
        run: |s| {
            let id = s.new_record()?;
            s.health("DELETE", &health_path(&id))?.send().must_be_ok()?;
            let read = s.health("GET", &health_path(&id))?.send();
            let gone = !read.json().is_some_and(|body| holds(&body, &s.record()));
            read.must(gone, "no record any more", "plus de fiche")
        },
    },
    Check {
        id: "health-apart",
        area: Health,
        level: Required,
        lab: &lab::HEALTH_ROUTES,
        title: text("each person has a record of their own", "chaque personne a sa propre fiche"),
        why: text(
            "One person's values under another's name are a medical accident.",
            "Les valeurs de l'un sous le nom de l'autre, c'est un accident médical.",
        ),
        mend: text("Keep the records by person id.", "Rangez les fiches par id de personne."),
        flask: "records = {\"1\": {...}, \"2\": {...}}",
        run: |s| {
            let first = s.new_record()?;
            let second = s.somebody()?;
            s.will_have_a_record(&second);
            let other = s.record_weighing(99.5);
            s.health("POST", &health_path(&second))?.json(&other.clone().into()).send().must_be_ok()?;
            stored(s, &first, &s.record())?;
            stored(s, &second, &other)
        },
    },
    Check {
        id: "health-no-record",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("GET where nothing is recorded is a 404", "GET sans fiche enregistrée donne 404"),
        why: text(
            "200 with an empty body cannot be told from a record with nothing in it.",
            "Un 200 au corps vide ne se distingue pas d'une fiche vide.",
        ),
        mend: text(
            "The person exists, the record does not: 404, with a message that says which of the two is \
             missing.",
            "La personne existe, pas la fiche : 404, avec un message qui dit laquelle des deux manque.",
        ),
        flask: "if str(id) not in records: abort(404, \"no health record\")",
        run: |s| {
            let id = s.somebody()?;
            s.health("GET", &health_path(&id))?.send().must_be(&[404])
        },
    },
    Check {
        id: "health-conflict",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text(
            "a second POST is a 409 and overwrites nothing",
            "un second POST donne 409 et n'écrase rien",
        ),
        why: text(
            "POST makes, PUT replaces. A POST sent twice by accident must not wipe out what was recorded \
             since.",
            "POST crée, PUT remplace. Un POST envoyé deux fois par erreur ne doit pas effacer ce qui a été \
             saisi entre-temps.",
        ),
        mend: text("Where there is a record, answer 409.", "S'il y a déjà une fiche, répondez 409."),
        flask: "if str(id) in records: abort(409, \"there is a record; PUT replaces it\")",
        run: |s| {
            let id = s.new_record()?;
            let other = s.record_weighing(99.5);
            s.health("POST", &health_path(&id))?.json(&other.into()).send().must_be(&[409])?;
            stored(s, &id, &s.record())
        },
    },
    Check {
        id: "health-put-missing",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("PUT where nothing is recorded is a 404 or a 201", "PUT sans fiche donne 404 ou 201"),
        why: text(
            "Either PUT only replaces, then 404; or it also makes, then 201 (RFC 9110, 9.3.4). A 500 or a \
             silent 200 is neither.",
            "Soit PUT ne fait que remplacer : 404 ; soit il crée aussi : 201 (RFC 9110, 9.3.4). Ni 500, ni \
             un 200 muet.",
        ),
        mend: text("Choose one of the two, and say so.", "Choisissez l'un des deux, et dites-le."),
        flask: "if str(id) not in records: abort(404, \"no health record\")",
        run: |s| {
            let id = s.somebody()?;
            s.will_have_a_record(&id);
            s.health("PUT", &health_path(&id))?.json(&s.record().into()).send().must_be(&[404, 201])
        },
    },
    Check {
        id: "health-delete-missing",
        area: Health,
        level: Expected,
        lab: &lab::HEALTH_ROUTES,
        title: text("DELETE where nothing is recorded is a 404", "DELETE sans fiche donne 404"),
        why: text(
            "A 500 for what is not there is a crash: somebody took an entry that does not exist.",
            "Un 500 pour ce qui n'existe pas est un plantage : le code a pris une entrée absente.",
        ),
        mend: text("Look whether there is a record first.", "Regardez d'abord s'il y a une fiche."),
        flask: "if records.pop(str(id), None) is None: abort(404)",
        run: |s| {
            let id = s.somebody()?;
            s.health("DELETE", &health_path(&id))?.send().must_be(&[404])
        },
    },
    Check {
        id: "health-patch",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_ROUTES,
        title: text(
            "PATCH, where there is one, changes only what it names",
            "PATCH, s'il existe, ne change que ce qu'il nomme",
        ),
        why: text(
            "A PATCH that drops the other fields is a PUT, and loses data.",
            "Un PATCH qui perd les autres champs est un PUT, et perd des données.",
        ),
        mend: text(
            "Merge the body into the record (RFC 7396).",
            "Fusionnez le corps dans la fiche (RFC 7396).",
        ),
        flask: "records[str(id)].update(request.get_json()); save(records)",
        run: |s| {
            let id = s.new_record()?;
            let patch = s.only_weight(71.25);
            let came = s.health("PATCH", &health_path(&id))?.json(&patch.into()).send();
            if has_no_patch(came.status()) {
                return skip(text("this version has no PATCH", "cette version n'a pas de PATCH"));
            }
            came.must_be_ok()?;
            stored(s, &id, &s.record_weighing(71.25))
        },
    },
];

/// Fails unless this is what health holds of somebody.
pub(super) fn stored(s: &Subject, id: &str, record: &Map<String, Value>) -> Result<(), Stop> {
    let read = s.health("GET", &health_path(id))?.send();
    read.must_be(&[200])?;
    let is_there = read.json().is_some_and(|body| holds(&body, record));
    let record = Value::from(record.clone());
    read.must(is_there, &format!("{record}"), &format!("{record}"))
}

/// Whether a PATCH was refused because there is none.
pub(super) fn has_no_patch(status: Option<u16>) -> bool {
    matches!(status, Some(404 | 405 | 501))
}
