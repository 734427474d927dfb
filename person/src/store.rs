//! The store of persons, on SQLite. It knows no HTTP except the precondition of a write.
//!
//! `AUTOINCREMENT` prevents the reuse of an id, even after the last person was deleted. A deletion is recorded in the
//! same transaction, for the services that keep data about the person.

mod accounts;
mod keys;
mod pages;
mod schema;

use std::path::Path;
use std::time::Duration;

use chassis::IdempotencyKey;
use chassis::conditional::Precondition;
use daemon::Fatal;
use sqlite::Database;
use sqlite::rusqlite::{self, Connection, OptionalExtension as _, Row, params};
use storage::{Id, Registry, StoreError};

use crate::person::{Name, Person, Viewer};

use accounts::{claim, count_one_less, count_one_more};
use keys::{Created, created_before, remember};
use schema::MIGRATIONS;

pub use pages::{Deletion, Part};
pub use schema::restore;

/// Why the store refused a call. In each case nothing was changed.
#[derive(Debug)]
pub enum Refusal {
    /// There is no such person.
    Missing,
    /// The viewer may not see the person.
    Hidden,
    /// The version of the person does not meet the precondition.
    Stale,
    /// A page begins beyond the last deletion, which has this number.
    Beyond(i64),
    /// The viewer owns as many persons as an account may.
    LimitReached,
    /// The viewer has created another person with this key.
    KeyReused,
    /// The database failed.
    Failed(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// The persons and their deletions.
#[derive(Debug)]
pub struct Store {
    database: Database,
    /// The persons that one account may own.
    limit: u32,
    /// Whether there were persons without an account at the start. None are added later.
    has_unclaimed: bool,
}

impl Store {
    /// Opens the store, creating it if missing; for `erase_after` see [`Database::open`].
    ///
    /// # Errors
    /// Returns an error message for the operator if the store cannot be opened.
    pub fn open(
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
        Ok(Self { database, limit, has_unclaimed })
    }

    /// Checks that the store can be read.
    ///
    /// # Errors
    /// Returns the reason for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        self.database.check()
    }

    /// Returns the identity of the database: a random UUID from its creation, which a restored copy keeps.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn identity(&self) -> Result<String, StoreError> {
        self.database.read(|db| db.query_row("SELECT uuid FROM identity", [], |row| row.get(0)))
    }

    /// Creates a person with a new id. If the viewer has done so with this key in the last 24 hours, returns the person as
    /// it was then.
    pub async fn create(
        &self,
        name: Name,
        viewer: Viewer,
        key: Option<IdempotencyKey>,
    ) -> Result<Person, Refusal> {
        let limit = if viewer.is_administrator { i64::MAX } else { self.limit.into() };
        let has_unclaimed = self.has_unclaimed;
        let insert = move |db: &Connection| {
            if has_unclaimed {
                claim(db, &viewer)?;
            }
            if let Some(key) = &key {
                match created_before(db, &viewer, key, &name)? {
                    Some(Created::Same(id)) => return Ok(Ok(new(id, name, viewer))),
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
            Ok(Ok(new(id, name, viewer)))
        };
        self.database.write(insert).await?
    }

    /// Returns a person.
    pub async fn read(&self, id: Id, viewer: &Viewer) -> Result<Person, Refusal> {
        let person = self.database.read(|db| select(db, id))?.ok_or(Refusal::Missing)?;
        if !viewer.may_see(&person) {
            return Err(Refusal::Hidden);
        }
        if person.owner_uid.is_none() && viewer.owns(&person) {
            self.claim(viewer.clone()).await;
        }
        Ok(person)
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

    /// Changes the name of a person.
    pub async fn rename(
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

    /// Deletes a person and records the deletion.
    pub async fn delete(&self, id: Id, viewer: Viewer, precondition: Precondition) -> Result<(), Refusal> {
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

/// Returns a person as it is created.
fn new(id: i64, name: Name, Viewer { uid, username, .. }: Viewer) -> Person {
    Person { id, name, owner: username, owner_uid: Some(uid), version: 1 }
}

/// Returns the person to change, if the viewer may change it and its version meets the precondition.
fn checked(
    db: &Connection,
    id: Id,
    viewer: &Viewer,
    precondition: &Precondition,
) -> rusqlite::Result<Result<Person, Refusal>> {
    Ok(match select(db, id)? {
        None => Err(Refusal::Missing),
        Some(person) if !viewer.may_see(&person) => Err(Refusal::Hidden),
        Some(person) if !precondition.allows(person.version) => Err(Refusal::Stale),
        Some(mut person) => {
            if person.owner_uid.is_none() && viewer.owns(&person) {
                claim(db, viewer)?;
                person.owner_uid = Some(viewer.uid.clone());
            }
            Ok(person)
        }
    })
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
