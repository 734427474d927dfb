//! The store of persons on SQLite, in a file that one process owns.
//!
//! `AUTOINCREMENT` prevents the reuse of an id, even after the last person was deleted. A deletion is recorded in the
//! same transaction, for the services that keep data about the person.

mod accounts;
mod keys;
mod pages;
mod schema;

use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;
use chassis::IdempotencyKey;
use chassis::conditional::Precondition;
use daemon::Fatal;
use sqlite::Database;
use sqlite::rusqlite::{self, Connection, OptionalExtension as _, Row, params};
use storage::{Id, Registry, StoreError};

use crate::person::{Name, Person, Viewer};

use super::{Identity, Refusal, changeable, seen};
use accounts::{claim, count_one_less, count_one_more};
use keys::{Created, created_before, remember};
pub(super) use schema::MIGRATIONS;

/// The persons and their deletions.
#[derive(Debug)]
pub(super) struct Embedded {
    database: Database,
    identity: Identity,
    /// The persons that one account may own.
    limit: u32,
    /// Whether there were persons without an account at the start. None are added later.
    has_unclaimed: bool,
}

impl Embedded {
    /// For `erase_after` see [`Database::open`].
    pub(super) fn open(
        path: &Path,
        limit: u32,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        let database = Database::open(path, MIGRATIONS, erase_after, fatal, registry)?;
        let unclaimed = "SELECT EXISTS (SELECT 1 FROM person WHERE owner_uid IS NULL)";
        // If that cannot be read, neither can the persons, and each request reports it.
        let has_unclaimed = database.read(|db| db.query_row(unclaimed, [], |row| row.get(0))).unwrap_or(true);
        let identity: String = database
            .read(|db| db.query_row("SELECT uuid FROM identity", [], |row| row.get(0)))
            .map_err(|error| anyhow!("cannot read the identity of the database: {error}"))?;
        Ok(Self { database, identity: identity.into(), limit, has_unclaimed })
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.database.check()
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::clone(&self.identity)
    }

    pub(super) async fn create(
        &self,
        name: Name,
        viewer: Viewer,
        key: Option<IdempotencyKey>,
    ) -> Result<Person, Refusal> {
        let limit = viewer.limit(self.limit);
        let has_unclaimed = self.has_unclaimed;
        let insert = move |db: &Connection| {
            if has_unclaimed {
                claim(db, &viewer)?;
            }
            if let Some(key) = &key {
                match created_before(db, &viewer, key, &name)? {
                    Some(Created::Same(id)) => return Ok(Ok(Person::new(id, name, viewer))),
                    Some(Created::Other) => return Ok(Err(Refusal::KeyReused)),
                    None => {}
                }
            }
            if !count_one_more(db, &viewer, limit)? {
                return Ok(Err(Refusal::LimitReached));
            }
            db.prepare_cached("INSERT INTO person (name, owner, owner_uid) VALUES (?1, ?2, ?3)")?
                .execute(params![name.as_str(), viewer.username, viewer.uid])?;
            let id = db.last_insert_rowid();
            if let Some(key) = &key {
                remember(db, &viewer, key, &name, id)?;
            }
            Ok(Ok(Person::new(id, name, viewer)))
        };
        self.database.write(insert).await?
    }

    pub(super) async fn read(
        &self,
        id: Id,
        viewer: &Viewer,
    ) -> Result<(Identity, Result<Person, Refusal>), StoreError> {
        let seen = seen(self.database.read(|db| select(db, id))?, viewer);
        if let Ok(person) = &seen
            && person.owner_uid.is_none()
            && viewer.owns(person)
        {
            self.claim(viewer.clone()).await;
        }
        Ok((self.identity(), seen))
    }

    /// Gives the persons of the viewer's username that no account owns to the viewer's account; returns whether it could. If
    /// not, they still belong to the username, so a read goes on, and the next one tries again.
    async fn claim(&self, viewer: Viewer) -> bool {
        let claimed = self.database.write(move |db| claim(db, &viewer)).await;
        if let Err(error) = &claimed {
            tracing::debug!(service = crate::NAME, ?error, "persons without an account were not claimed");
        }
        claimed.is_ok()
    }

    pub(super) async fn rename(
        &self,
        id: Id,
        name: Name,
        viewer: Viewer,
        precondition: Precondition,
    ) -> Result<Person, Refusal> {
        let update = move |db: &Connection| match checked(db, id, &viewer, &precondition)? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(before) => {
                db.prepare_cached("UPDATE person SET name = ?2, version = version + 1 WHERE id = ?1")?
                    .execute(params![id.get(), name.as_str()])?;
                Ok(Ok(Person { name, version: before.version + 1, ..before }))
            }
        };
        self.database.write(update).await?
    }

    pub(super) async fn delete(
        &self,
        id: Id,
        viewer: Viewer,
        precondition: Precondition,
    ) -> Result<(), Refusal> {
        let delete = move |db: &Connection| match checked(db, id, &viewer, &precondition)? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(person) => {
                db.prepare_cached("DELETE FROM person WHERE id = ?1")?.execute([id.get()])?;
                if let Some(uid) = &person.owner_uid {
                    count_one_less(db, uid)?;
                }
                db.prepare_cached("INSERT INTO deleted (id) VALUES (?1)")?.execute([id.get()])?;
                Ok(Ok(()))
            }
        };
        self.database.write(delete).await?
    }
}

/// Returns the person to change, see [`changeable`]. The viewer owns it from now on if only the username did.
fn checked(
    db: &Connection,
    id: Id,
    viewer: &Viewer,
    precondition: &Precondition,
) -> rusqlite::Result<Result<Person, Refusal>> {
    let mut person = match changeable(select(db, id)?, viewer, precondition) {
        Ok(person) => person,
        refused => return Ok(refused),
    };
    if person.owner_uid.is_none() && viewer.owns(&person) {
        claim(db, viewer)?;
        person.owner_uid = Some(viewer.uid.clone());
    }
    Ok(Ok(person))
}

fn select(db: &Connection, id: Id) -> rusqlite::Result<Option<Person>> {
    db.prepare_cached("SELECT id, name, owner, version, owner_uid FROM person WHERE id = ?1")?
        .query_row([id.get()], person)
        .optional()
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    let version: i64 = row.get(3)?;
    Ok(Person {
        id: row.get(0)?,
        name: Name::from_store(row.get(1)?),
        owner: row.get(2)?,
        version: version.unsigned_abs(),
        owner_uid: row.get(4)?,
    })
}
