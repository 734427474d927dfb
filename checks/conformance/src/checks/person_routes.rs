//! Person: the routes of the lab do what it says.

use serde_json::{Value, json};

use super::lab;
use crate::check::{Area::Person, Check, Level::Required, Stop};
use crate::shape::{holds, object};
use crate::subject::{ADA, Subject};
use crate::text::text;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "person-create",
        area: Person,
        level: Required,
        lab: &lab::PERSON_ROUTES,
        title: text(
            "POST /persons makes a person and gives the id",
            "POST /persons crée une personne et rend son id",
        ),
        why: text(
            "Whoever makes a person needs the id: it is the only way to find the person again.",
            "Qui crée une personne a besoin de son id : c'est le seul moyen de la retrouver.",
        ),
        mend: text(
            "Insert the person, then answer with the person as it is stored, the id included.",
            "Insérez la personne, puis répondez avec la personne telle qu'elle est enregistrée, id compris.",
        ),
        flask: "return jsonify(id=cursor.lastrowid, name=name), 201",
        run: |s| {
            let body = s.person_body(ADA);
            let came = s.person("POST", "/persons")?.json(&body).send();
            came.must_be_ok()?;
            let id = s.adopt(&came);
            came.must(id.is_some(), "a body with the id", "un corps contenant l'id")
        },
    },
    Check {
        id: "person-read",
        area: Person,
        level: Required,
        lab: &lab::PERSON_ROUTES,
        title: text("GET /persons/{id} gives the person back", "GET /persons/{id} rend la personne"),
        why: text(
            "What was stored must come back as it was sent; else the service lost or mixed up data.",
            "Ce qui a été enregistré doit revenir tel quel ; sinon le service a perdu ou mélangé des \
             données.",
        ),
        mend: text(
            "Select the row by its id and answer 200 with the same fields that POST takes.",
            "Sélectionnez la ligne par son id et répondez 200 avec les mêmes champs que ceux de POST.",
        ),
        flask: "row = db.execute(\"SELECT id, name FROM person WHERE id = ?\", (id,)).fetchone()",
        run: |s| comes_back(s, ADA),
    },
    Check {
        id: "person-missing",
        area: Person,
        level: Required,
        lab: &lab::PERSON_EXISTS,
        title: text(
            "GET of a person who does not exist is a 404",
            "GET d'une personne inexistante donne 404",
        ),
        why: text(
            "Health decides by this status alone. With a 200 and an empty body everybody seems to exist.",
            "Health décide d'après ce seul code. Avec un 200 et un corps vide, tout le monde semble exister.",
        ),
        mend: text(
            "When the query finds no row, answer 404 with a short message.",
            "Si la requête ne trouve aucune ligne, répondez 404 avec un court message.",
        ),
        flask: "if row is None:\n    return jsonify(error=\"no such person\"), 404",
        run: |s| s.person("GET", &format!("/persons/{}", s.nobody()))?.send().must_be(&[404]),
    },
    Check {
        id: "person-delete",
        area: Person,
        level: Required,
        lab: &lab::PERSON_ROUTES,
        title: text(
            "DELETE /persons/{id} makes the person cease to exist",
            "DELETE /persons/{id} supprime la personne",
        ),
        why: text(
            "A person who was deleted and still answers 200 goes on existing for health too.",
            "Une personne supprimée qui répond encore 200 continue d'exister aussi pour health.",
        ),
        mend: text(
            "Delete the row and commit; a GET afterwards must be a 404.",
            "Supprimez la ligne et validez (commit) ; un GET doit ensuite donner 404.",
        ),
        flask: "db.execute(\"DELETE FROM person WHERE id = ?\", (id,)); db.commit()",
        run: |s| {
            let path = format!("/persons/{}", s.new_person()?);
            s.person("DELETE", &path)?.send().must_be_ok()?;
            s.person("GET", &path)?.send().must_be(&[404])
        },
    },
    Check {
        id: "person-delete-missing",
        area: Person,
        level: Required,
        lab: &lab::PERSON_EXISTS,
        title: text(
            "DELETE of a person who does not exist is a 404",
            "DELETE d'une personne inexistante donne 404",
        ),
        why: text(
            "Whoever mistyped an id must learn that nothing was deleted.",
            "Qui s'est trompé d'id doit apprendre que rien n'a été supprimé.",
        ),
        mend: text(
            "Look at how many rows the DELETE touched; where it is none, answer 404.",
            "Regardez combien de lignes le DELETE a touchées ; si aucune, répondez 404.",
        ),
        flask: "if cursor.rowcount == 0:\n    return jsonify(error=\"no such person\"), 404",
        run: |s| s.person("DELETE", &format!("/persons/{}", s.nobody()))?.send().must_be(&[404]),
    },
    Check {
        id: "person-name-unicode",
        area: Person,
        level: Required,
        lab: &lab::PERSON_ID,
        title: text(
            "a name in any script is kept as sent",
            "un nom dans n'importe quelle écriture est gardé tel quel",
        ),
        why: text(
            "A name is a string, and JSON strings are Unicode: people are called Zoë and 李.",
            "Un nom est une chaîne, et les chaînes JSON sont en Unicode : on s'appelle Zoë ou 李.",
        ),
        mend: text(
            "Keep the text as the JSON parser gives it; do not encode, strip or transliterate it.",
            "Gardez le texte tel que le donne l'analyseur JSON ; ne l'encodez pas, ne le nettoyez pas.",
        ),
        flask: "name = request.get_json()[\"name\"]  # a str already; SQLite keeps it as UTF-8",
        run: |s| comes_back(s, "Zoë Ñúñez 李小龍 🙂"),
    },
    Check {
        id: "person-name-quotes",
        area: Person,
        level: Required,
        lab: &lab::PERSON_STORE,
        title: text("a name with quotes is kept as sent", "un nom avec des apostrophes est gardé tel quel"),
        why: text(
            "A quote that breaks the service means that text is pasted into SQL: whoever sends the right \
             name can read or erase the whole table.",
            "Une apostrophe qui casse le service montre que le texte est collé dans le SQL : avec le bon \
             nom, on peut lire ou effacer toute la table.",
        ),
        mend: text(
            "Never build SQL from text; pass values as parameters.",
            "Ne construisez jamais de SQL avec du texte ; passez les valeurs en paramètres.",
        ),
        flask: "db.execute(\"INSERT INTO person (name) VALUES (?)\", (name,))",
        run: |s| comes_back(s, "Robert'); DROP TABLE person;-- \"O'Brien\""),
    },
];

/// Makes a person of this name and reads it.
fn comes_back(s: &mut Subject, name: &str) -> Result<(), Stop> {
    let made = s.person("POST", "/persons")?.json(&s.person_body(name)).send();
    made.must_be_ok()?;
    let Some(id) = s.adopt(&made) else {
        return made.wrong(
            "the answer has no id: see `person-create`",
            "la réponse n'a pas d'id : voir `person-create`",
        );
    };
    let read = s.person("GET", &format!("/persons/{id}"))?.send();
    read.must_be(&[200])?;
    let sent = object(&[(s.name_field(), json!(name))]);
    let has_it = read.json().is_some_and(|body: Value| holds(&body, &sent));
    read.must(has_it, &format!("the name {name:?} back"), &format!("le nom {name:?}"))
}
