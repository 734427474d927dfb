//! The rule as it shows without a fake person service: person alone says who exists.

use super::lab::{ASKS_FIRST, NEVER_CREATES, PERSON_EXISTS};
use super::rule::{is_write, operate};
use crate::check::{Area::Rule, Check, Level::Expected, Level::Required, check};
use crate::outcome::{Stop, ensure};
use crate::shape::{health_path, holds, person_path};
use crate::subject::Subject;
use crate::text::formatted;

pub(super) const SEEN_FROM_OUTSIDE: &[Check] = &[
    check("rule-missing-get", Rule, Required, &ASKS_FIRST, |s| is_404_for_missing(s, "GET")),
    check("rule-missing-post", Rule, Required, &ASKS_FIRST, |s| is_404_for_missing(s, "POST")),
    check("rule-missing-put", Rule, Required, &ASKS_FIRST, |s| is_404_for_missing(s, "PUT")),
    check("rule-missing-delete", Rule, Required, &ASKS_FIRST, |s| is_404_for_missing(s, "DELETE")),
    check("rule-creates-nobody", Rule, Required, &NEVER_CREATES, |s| {
        let id = s.unused_id();
        let _ = s.person_requests();
        for method in ["POST", "PUT"] {
            operate(s, method, id)?;
        }
        if !s.is_person_fake() {
            return s.person("GET", &person_path(id))?.send().must_be(&[404]);
        }
        let Some(write) = s.person_requests().into_iter().find(is_write) else { return Ok(()) };
        let write = format!("{} {}", write.method, write.target);
        ensure(
            false,
            formatted(
                format!("health sent person {write}"),
                format!("le service Santé a envoyé au service Personne {write}"),
            ),
        )
    }),
    check("rule-no-inheritance", Rule, Expected, &PERSON_EXISTS, inherits_nothing),
    check("rule-not-cached", Rule, Required, &ASKS_FIRST, |s| {
        let id = s.new_record()?;
        operate(s, "GET", &id)?.must_be(&[200])?;
        s.delete_someone(&id)?;
        operate(s, "GET", &id)?.must_be(&[404])
    }),
];

fn is_404_for_missing(s: &mut Subject, method: &str) -> Result<(), Stop> {
    operate(s, method, s.unused_id())?.must_be(&[404])
}

/// Fails if a new person gets the record of a deleted one: person has used an id again, and health still had its record.
fn inherits_nothing(s: &mut Subject) -> Result<(), Stop> {
    let first = s.new_person()?;
    s.person("DELETE", &person_path(&first))?.send().must_be_ok()?;
    let second = s.new_person()?;
    if first != second {
        return Ok(());
    }
    let id = if s.is_person_fake() {
        // Health asks the fake: it stands for a person service that uses an id again.
        let id = s.new_record()?;
        s.delete_someone(&id)?;
        s.exists_again(&id);
        id
    } else {
        s.health("POST", &health_path(&second))?.json(s.record()).send().must_be_ok()?;
        s.person("DELETE", &person_path(&second))?.send().must_be_ok()?;
        s.new_person()?
    };
    let read = s.health("GET", &health_path(&id))?.send();
    let is_there = read.json().is_some_and(|body| holds(&body, &s.record()));
    let _ = s.health("DELETE", &health_path(&id))?.send();
    read.must(
        !is_there,
        &format!("no record: person {id} is new, and a deleted person had the same id"),
        &format!("aucune fiche : la personne {id} est nouvelle, et une personne supprimée avait le même id"),
    )
}
