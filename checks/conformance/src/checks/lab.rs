//! The requirements of the lab, in our words.

use crate::text::{Text, text};

pub(super) static PERSON_ROUTES: Text = text(
    "Person answers POST /persons, GET /persons/{id} and DELETE /persons/{id}.",
    "Le service Personne répond à POST /persons, GET /persons/{id} et DELETE /persons/{id}.",
);
pub(super) static PERSON_ID: Text = text(
    "A person has an id, an integer that the service generates, and a name, a string.",
    "Une personne a un id, un entier généré par le service, et un nom, une chaîne.",
);
pub(super) static PERSON_EXISTS: Text = text(
    "Person alone says who exists; a person who does not exist is a 404.",
    "Seul le service Personne dit qui existe ; une personne qui n'existe pas donne 404.",
);
pub(super) static PERSON_STORE: Text = text(
    "Person keeps its data in its own database (SQLite).",
    "Le service Personne garde ses données dans sa propre base (SQLite).",
);
pub(super) static HEALTH_ROUTES: Text = text(
    "Health answers POST, GET, PUT and DELETE on /health/{person_id}: the vital signs of one person.",
    "Le service Santé répond à POST, GET, PUT et DELETE sur /health/{person_id} : les données de santé d'une personne.",
);
pub(super) static HEALTH_STORE: Text = text(
    "Health keeps its data in its own store, a JSON file or SQLite.",
    "Le service Santé garde ses données dans son propre stockage, un fichier JSON ou SQLite.",
);
pub(super) static ASKS_FIRST: Text = text(
    "Before every operation health asks person over HTTP, and continues only on 200 OK.",
    "Avant chaque opération, le service Santé interroge le service Personne par HTTP, et ne continue que sur un 200 OK.",
);
pub(super) static NEVER_CREATES: Text =
    text("Health never creates a person.", "Le service Santé ne crée jamais de personne.");
pub(super) static BODIES: Text =
    text("The services speak JSON over HTTP.", "Les services parlent JSON par HTTP.");
pub(super) static TOKENS: Text = text(
    "Auth issues JWTs; person and health refuse requests without one.",
    "Le service Auth délivre des JWT ; les services Personne et Santé ne laissent entrer personne sans jeton.",
);
