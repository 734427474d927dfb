//! What the version held before the checks. Afterwards the checker looks whether it is still there.

use serde_json::Value;

use super::Subject;
use crate::http::Exchange;
use crate::outcome::{Stop, fail, skip};
use crate::shape::{health_path, id_in, in_path, person_path};
use crate::text::{formatted, text};

/// More than the data of any lesson; the copy must not take long.
const MOST: usize = 100;
/// The ids that are tried besides those of the list of persons: a new store counts from 1.
const FIRST_IDS: u32 = 20;

/// Persons and records of the version, and one of each that the checker made for the comparison.
#[derive(Debug, Default)]
pub(crate) struct Copy {
    /// The ids of all listed persons.
    listed: Vec<String>,
    /// Paths, and what GET answered.
    seen: Vec<(String, Value)>,
}

impl Copy {
    pub(crate) fn has_person(&self, id: &str) -> bool {
        self.listed.iter().any(|listed| listed == id)
    }
}

impl Subject {
    /// Copies what can be read. Must run before the first write.
    pub(crate) fn copy_store(&mut self) {
        let list = self.person("GET", "/persons").ok().map(|list| list.send()).filter(Exchange::is_ok);
        let list = list.and_then(|list| list.json()).unwrap_or_default();
        let items = list.as_array().or_else(|| list.as_object()?.values().find_map(Value::as_array));
        let listed: Vec<_> = items.into_iter().flatten().filter_map(id_in).map(in_path).collect();
        self.copy.listed.clone_from(&listed);
        let first = (1..=FIRST_IDS).map(|id| id.to_string()).filter(|id| !listed.contains(id));
        let ids: Vec<_> = listed.iter().cloned().chain(first).take(MOST).collect();
        for id in ids {
            let person = self.keep(person_path(&id));
            if self.is_person_fake() {
                self.exists_again(&id);
                self.keep(health_path(&id));
                self.fake_person.iter().for_each(|fake| fake.remove_person(&id));
            } else if person {
                self.copy.listed.push(id.clone());
                self.keep(health_path(&id));
            }
        }
        self.take_exchanges();
    }

    /// Adds a person and a record of the checker, which no other check touches.
    pub(crate) fn add_own_to_copy(&mut self) {
        if let Ok(id) = self.new_person() {
            self.keep(person_path(&id));
        }
        if let Ok(id) = self.new_record() {
            self.keep(health_path(&id));
        }
        self.take_exchanges();
    }

    fn keep(&mut self, path: String) -> bool {
        let body = self.read(&path).filter(|read| read.status() == Some(200)).and_then(|read| read.json());
        // A server that answers 200 to any path has no person there.
        let body = body.filter(|body| match path.starts_with("/persons") {
            true => id_in(body).is_some(),
            false => body.as_object().is_some_and(|record| !record.is_empty()),
        });
        let is_there = body.is_some();
        self.copy.seen.extend(body.map(|body| (path, body)));
        is_there
    }

    fn read(&self, path: &str) -> Option<Exchange> {
        let get =
            if path.starts_with("/persons") { self.person("GET", path) } else { self.health("GET", path) };
        get.ok().map(|get| get.send())
    }

    /// Fails unless everything in the copy is still there.
    pub(crate) fn compare_with_copy(&self) -> Result<(), Stop> {
        if self.copy.seen.is_empty() {
            return skip(text(
                "nothing could be read before the checks",
                "rien n'était lisible avant les contrôles",
            ));
        }
        for (path, before) in &self.copy.seen {
            let id = path.rsplit('/').next().unwrap_or_default();
            let is_foreign = path.starts_with("/health");
            let fake = self.fake_person.as_ref().filter(|_| is_foreign);
            fake.iter().for_each(|fake| fake.add_person(id));
            let Some(read) = self.read(path) else { continue };
            if matches!(read.status(), None | Some(502..=504)) {
                return skip(text("the service does not answer any more", "le service ne répond plus"));
            }
            if read.json().as_ref() != Some(before) || read.status() != Some(200) {
                return read.must(
                    false,
                    &format!("{before}, as before the checks"),
                    &format!("{before}, comme avant les contrôles"),
                );
            }
        }
        Ok(())
    }

    /// Whether that record is still there.
    pub(crate) fn has_untouched_record(&self) -> bool {
        self.untouched_record()
            .and_then(|path| self.read(path))
            .is_some_and(|read| read.status() == Some(200))
    }

    /// Returns the path of a record of the checker that no check touches.
    fn untouched_record(&self) -> Option<&str> {
        self.copy.seen.iter().rev().map(|(path, _)| path.as_str()).find(|path| path.starts_with("/health"))
    }

    /// Fails if two writers at once have broken the store: health then no longer answers for a record that nobody
    /// wrote to.
    pub(crate) fn must_not_be_broken(&self) -> Result<(), Stop> {
        let Some(read) = self.untouched_record().and_then(|path| self.read(path)) else { return Ok(()) };
        if read.status() == Some(200) {
            return Ok(());
        }
        let (request, status) = (read.method_and_path(), read.status().unwrap_or_default());
        fail(formatted(
            format!(
                "two writers at once: the file broke. {request}, a record of before, now answers {status}"
            ),
            format!(
                "deux écritures à la fois : le fichier est cassé. {request}, une fiche d'avant, répond maintenant {status}"
            ),
        ))
    }
}
