//! Person: who generates ids, and what becomes of them.

use std::collections::BTreeSet;
use std::thread;

use serde_json::json;

use super::lab;
use crate::check::{Area::Person, Check, Level::Expected, Level::Required, Level::Robust, Stop, ensure};
use crate::http::Exchange;
use crate::shape::{id_in, in_path};
use crate::subject::{ADA, Subject};
use crate::text::{said, text};

/// As many as a class of students has browsers open.
const AT_ONCE: usize = 8;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "person-id-integer",
        area: Person,
        level: Required,
        lab: &lab::PERSON_ID,
        title: text("the id is an integer", "l'id est un entier"),
        why: text(
            "Other services are written for the documented type: \"7\" is not 7 to most languages.",
            "Les autres services sont écrits pour le type annoncé : \"7\" n'est pas 7 dans la plupart des \
             langages.",
        ),
        mend: text(
            "Answer the id as a JSON number, without quotes.",
            "Rendez l'id comme un nombre JSON, sans guillemets.",
        ),
        flask: "return jsonify(id=cursor.lastrowid, ...)  # an int, not str(...)",
        run: |s| {
            let made = make(s, ADA)?;
            let is_integer = made.json().as_ref().and_then(id_in).is_some_and(serde_json::Value::is_u64);
            made.must(is_integer, "an id that is an integer", "un id entier")
        },
    },
    Check {
        id: "person-ids-differ",
        area: Person,
        level: Required,
        lab: &lab::PERSON_ID,
        title: text("two persons of one name have two ids", "deux personnes du même nom ont deux id"),
        why: text(
            "Two people may share a name. If they share an id they share their vital signs.",
            "Deux personnes peuvent porter le même nom. Avec le même id, elles partagent leurs données de \
             santé.",
        ),
        mend: text(
            "Let the database count ids; do not derive them from what was sent.",
            "Laissez la base compter les id ; ne les calculez pas à partir de ce qui est envoyé.",
        ),
        flask: "id INTEGER PRIMARY KEY AUTOINCREMENT",
        run: |s| {
            let [one, two] = [make(s, ADA)?, make(s, ADA)?].map(|made| id(&made));
            ensure(
                one != two,
                said(format!("both got the id {one}"), format!("les deux ont reçu l'id {one}")),
            )
        },
    },
    Check {
        id: "person-id-generated",
        area: Person,
        level: Expected,
        lab: &lab::PERSON_ID,
        title: text("an id in the body is not taken over", "un id dans le corps n'est pas repris"),
        why: text(
            "The service generates the id. A client that chooses it can overwrite somebody else.",
            "C'est le service qui génère l'id. Un client qui le choisit peut écraser quelqu'un d'autre.",
        ),
        mend: text(
            "Ignore an id in the body, or better refuse it with 422.",
            "Ignorez un id présent dans le corps, ou mieux, refusez-le avec 422.",
        ),
        flask: "if \"id\" in body:\n    return jsonify(error=\"the service generates the id\"), 422",
        run: |s| {
            const CHOSEN: &str = "1999999957";
            let mut body = s.person_body(ADA);
            body["id"] = json!(1_999_999_957);
            let came = s.person("POST", "/persons")?.json(&body).send();
            came.must(came.status().is_some_and(|status| status < 500), "no failure", "pas de panne")?;
            let taken = s.adopt(&came).is_some_and(|id| id == CHOSEN);
            came.must(!taken, "an id of the service's own", "un id choisi par le service")
        },
    },
    Check {
        id: "person-id-not-reused",
        area: Person,
        level: Robust,
        lab: &lab::PERSON_ID,
        title: text(
            "the id of a deleted person is not given again",
            "l'id d'une personne supprimée n'est pas redonné",
        ),
        why: text(
            "What other services still hold under the old id would become the new person's: somebody \
             else's health record.",
            "Ce que d'autres services gardent sous l'ancien id deviendrait celui de la nouvelle personne : \
             la fiche de santé d'un autre.",
        ),
        mend: text(
            "SQLite gives the highest id plus one, and so may give one again; AUTOINCREMENT never does.",
            "SQLite donne le plus grand id plus un, et peut donc en redonner un ; AUTOINCREMENT ne le fait \
             jamais.",
        ),
        flask: "id INTEGER PRIMARY KEY AUTOINCREMENT",
        run: |s| {
            let first = s.new_person()?;
            s.person("DELETE", &format!("/persons/{first}"))?.send().must_be_ok()?;
            let second = id(&make(s, ADA)?);
            ensure(
                first != second,
                said(format!("{first} was given again"), format!("{first} a été redonné")),
            )
        },
    },
    Check {
        id: "person-at-once",
        area: Person,
        level: Robust,
        lab: &lab::PERSON_STORE,
        title: text(
            "persons made at once all get in",
            "des personnes créées en même temps sont toutes enregistrées",
        ),
        why: text(
            "A server answers several requests at a time. What is only safe one by one fails on the first \
             busy day.",
            "Un serveur traite plusieurs requêtes à la fois. Ce qui ne tient qu'une par une casse au \
             premier jour chargé.",
        ),
        mend: text(
            "Open a connection to the database for each request, and give it a time to wait for a lock.",
            "Ouvrez une connexion à la base par requête, avec un délai d'attente du verrou.",
        ),
        flask: "g.db = sqlite3.connect(PATH, timeout=5)  # one a request, closed in teardown_appcontext",
        run: |s| {
            s.person("GET", "/persons")?;
            let shared: &Subject = s;
            let made: Vec<Result<Exchange, Stop>> = thread::scope(|scope| {
                let one = || Ok(shared.person("POST", "/persons")?.json(&shared.person_body(ADA)).send());
                let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(one)).collect();
                threads.into_iter().map(|one| one.join().expect("a request does not panic")).collect()
            });
            let mut ids = BTreeSet::new();
            for came in made {
                let came = came?;
                came.must_be_ok()?;
                ids.extend(s.adopt(&came));
            }
            ensure(
                ids.len() == AT_ONCE,
                said(
                    format!("{AT_ONCE} persons were made at once and got {} ids", ids.len()),
                    format!("{AT_ONCE} personnes créées en même temps ont reçu {} id", ids.len()),
                ),
            )
        },
    },
];

/// Makes a person of this name.
fn make(s: &mut Subject, name: &str) -> Result<Exchange, Stop> {
    let made = s.person("POST", "/persons")?.json(&s.person_body(name)).send();
    made.must_be_ok()?;
    match s.adopt(&made) {
        Some(_) => Ok(made),
        None => made.wrong(
            "the answer has no id: see `person-create`",
            "la réponse n'a pas d'id : voir `person-create`",
        ),
    }
}

fn id(made: &Exchange) -> String {
    made.json().as_ref().and_then(id_in).map(in_path).unwrap_or_default()
}
