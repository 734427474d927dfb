//! Health: its file keeps everybody's record, also when several write.

use std::thread;

use super::health_routes::stored;
use super::lab;
use crate::check::{Area::Health, Check, Level::Required, Level::Robust, Stop};
use crate::http::Exchange;
use crate::subject::{Subject, health_path};
use crate::text::text;

/// As many as a class of students has browsers open.
const AT_ONCE: usize = 8;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "health-delete-one",
        area: Health,
        level: Required,
        lab: &lab::HEALTH_STORE,
        title: text("DELETE removes one record and no other", "DELETE supprime une seule fiche"),
        why: text(
            "Erasing one person's record must not cost another theirs.",
            "Effacer la fiche d'une personne ne doit pas coûter la sienne à une autre.",
        ),
        mend: text(
            "Remove the one entry, write the others back.",
            "Retirez cette entrée, réécrivez les autres.",
        ),
        flask: "records.pop(str(id)); save(records)",
        run: |s| {
            let kept = s.new_record()?;
            let deleted = s.new_record()?;
            s.health("DELETE", &health_path(&deleted))?.send().must_be_ok()?;
            stored(s, &kept, &s.record())
        },
    },
    Check {
        id: "health-at-once",
        area: Health,
        level: Robust,
        lab: &lab::HEALTH_STORE,
        title: text(
            "records written at once are all kept",
            "des fiches écrites en même temps sont toutes gardées",
        ),
        why: text(
            "Two requests read the file, each adds its record, each writes the file: the second write \
             erases what the first added.",
            "Deux requêtes lisent le fichier, chacune ajoute sa fiche, chacune réécrit le fichier : la \
             seconde efface l'ajout de la première.",
        ),
        mend: text(
            "Hold a lock from reading the file to having written it; write to another file and rename it.",
            "Gardez un verrou de la lecture à la fin de l'écriture ; écrivez dans un autre fichier, puis \
             renommez-le.",
        ),
        flask: concat!(
            "with lock:  # a threading.Lock, or fcntl.flock with several workers\n",
            "    records = load(); ...; save(records)"
        ),
        run: |s| {
            let ids = (0..AT_ONCE).map(|_| s.somebody()).collect::<Result<Vec<_>, _>>()?;
            ids.iter().for_each(|id| s.will_have_a_record(id));
            let shared: &Subject = s;
            let post = |id: &str| {
                let post = shared.health("POST", &health_path(id))?;
                Ok(post.json(&shared.record().into()).send())
            };
            let made: Vec<Result<Exchange, Stop>> = thread::scope(|scope| {
                let threads: Vec<_> = ids.iter().map(|id| scope.spawn(|| post(id))).collect();
                threads.into_iter().map(|one| one.join().expect("a request does not panic")).collect()
            });
            made.into_iter().try_for_each(|came| came?.must_be_ok())?;
            ids.iter().try_for_each(|id| stored(s, id, &s.record()))
        },
    },
];
