//! The store of persons, on SQLite. It knows no HTTP except the precondition of a write.
//!
//! `AUTOINCREMENT` prevents the reuse of an id, even after the last person was deleted. A deletion is recorded in the
//! same transaction, for the services that keep data about the person.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chassis::conditional::Precondition;
use daemon::Fatal;
use serde::Serialize;
use sqlite::rusqlite::{self, Connection, OptionalExtension as _, Row, params};
use sqlite::{Column, Database, Migrations};
use storage::{Id, Registry, StoreError};

use crate::person::{Name, Person, Viewer};

const MIGRATIONS: Migrations = &[
    "
    CREATE TABLE person (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        name    TEXT    NOT NULL,
        owner   TEXT    NOT NULL,
        version INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE INDEX person_by_owner ON person (owner, id);
    CREATE TABLE deleted (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id  INTEGER NOT NULL
    ) STRICT;
",
    "
    -- One row: a random UUID of version 4 (RFC 9562). SQLite seeds `randomblob` from the system.
    CREATE TABLE identity (
        one  INTEGER PRIMARY KEY CHECK (one = 1),
        uuid TEXT    NOT NULL
    ) STRICT;
    INSERT INTO identity (one, uuid)
    SELECT 1, lower(
        substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-4' || substr(hex, 14, 3) || '-' ||
        substr('89ab', 1 + (random() & 3), 1) || substr(hex, 18, 3) || '-' || substr(hex, 21, 12)
    ) FROM (SELECT hex(randomblob(16)) AS hex);
",
];

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
    /// The database failed.
    Failed(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// The deletion of a person.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Deletion {
    /// The number of the deletion.
    pub seq: i64,
    /// The id of the deleted person.
    pub id: i64,
}

/// The persons and their deletions.
#[derive(Debug)]
pub struct Store(Database);

impl Store {
    /// Opens the store, creating it if missing; for `erase_after` see [`Database::open`].
    ///
    /// # Errors
    /// Returns an error message for the operator if the store cannot be opened.
    pub fn open(
        path: &Path,
        erase_after: Duration,
        fatal: Fatal,
        registry: &mut Registry,
    ) -> anyhow::Result<Self> {
        Database::open(path, MIGRATIONS, erase_after, fatal, registry).map(Self)
    }

    /// Checks that the store can be read.
    ///
    /// # Errors
    /// Returns the reason for the readiness probe.
    pub fn check(&self) -> Result<(), String> {
        self.0.check()
    }

    /// Returns the identity of the database: a random UUID from its creation, which a restored copy keeps.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn identity(&self) -> Result<String, StoreError> {
        self.0.read(|db| db.query_row("SELECT uuid FROM identity", [], |row| row.get(0)))
    }

    /// Creates a person with a new id.
    pub async fn create(&self, name: Name, owner: String) -> Result<Person, Refusal> {
        let insert = move |db: &Connection| {
            db.prepare_cached("INSERT INTO person (name, owner) VALUES (?1, ?2)")?
                .execute(params![name.as_str(), owner])?;
            Ok(Person { id: db.last_insert_rowid(), name, owner, version: 1 })
        };
        Ok(self.0.write(insert).await?)
    }

    /// Returns a person.
    pub fn read(&self, id: Id, viewer: &Viewer) -> Result<Person, Refusal> {
        let person = self.0.read(|db| select(db, id))?.ok_or(Refusal::Missing)?;
        if viewer.may_see(&person) { Ok(person) } else { Err(Refusal::Hidden) }
    }

    /// Returns at most `limit` persons that the viewer may see, in the order of their ids, after the id `after`.
    pub async fn page(&self, viewer: Viewer, after: i64, limit: u16) -> Result<Vec<Person>, Refusal> {
        let query = move |db: &Connection| match viewer {
            Viewer::Administrator => db
                .prepare_cached(
                    "SELECT id, name, owner, version FROM person WHERE id > ?1 ORDER BY id LIMIT ?2",
                )?
                .query_map(params![after, limit], person)?
                .collect(),
            Viewer::Owner(owner) => db
                .prepare_cached(
                    "SELECT id, name, owner, version FROM person
                     WHERE owner = ?3 AND id > ?1 ORDER BY id LIMIT ?2",
                )?
                .query_map(params![after, limit, owner], person)?
                .collect(),
        };
        Ok(self.0.scan(query).await?)
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
        self.0.write(update).await?
    }

    /// Deletes a person and records the deletion.
    pub async fn delete(&self, id: Id, viewer: Viewer, precondition: Precondition) -> Result<(), Refusal> {
        let delete = move |db: &Connection| match checked(db, id, &viewer, &precondition)? {
            Err(refusal) => Ok(Err(refusal)),
            Ok(_) => {
                db.prepare_cached("DELETE FROM person WHERE id = ?1")?.execute([id.get()])?;
                db.prepare_cached("INSERT INTO deleted (id) VALUES (?1)")?.execute([id.get()])?;
                Ok(Ok(()))
            }
        };
        self.0.write(delete).await?
    }

    /// Returns at most `limit` deletions in order, after the number `after`. A number that this database never gave
    /// out is refused: its reader has followed another database, and would miss deletions.
    pub async fn deletions(&self, after: i64, limit: u16) -> Result<Vec<Deletion>, Refusal> {
        let query = move |db: &Connection| {
            let page: Vec<_> = db
                .prepare_cached("SELECT seq, id FROM deleted WHERE seq > ?1 ORDER BY seq LIMIT ?2")?
                .query_map(params![after, limit], |row| Ok(Deletion { seq: row.get(0)?, id: row.get(1)? }))?
                .collect::<rusqlite::Result<_>>()?;
            if page.is_empty() {
                // SQLite has no row here before the first deletion.
                let last: i64 = db
                    .prepare_cached("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'deleted'")?
                    .query_row([], |row| row.get(0))?;
                if after > last {
                    return Ok(Err(Refusal::Beyond(last)));
                }
            }
            Ok(Ok(page))
        };
        self.0.scan(query).await?
    }
}

/// Replaces the database with a copy, see [`sqlite::restore`].
///
/// # Errors
/// Returns an error message for the operator; the database is then unchanged.
pub fn restore(path: &Path, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    let version = Column { table: "person", name: "version" };
    sqlite::restore(path, MIGRATIONS, &[version], input)
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
        Some(person) => Ok(person),
    })
}

fn select(db: &Connection, id: Id) -> rusqlite::Result<Option<Person>> {
    db.prepare_cached("SELECT id, name, owner, version FROM person WHERE id = ?1")?
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
    })
}
