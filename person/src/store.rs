//! The store of persons, on SQLite. It knows no HTTP except the precondition of a write.
//!
//! `AUTOINCREMENT` prevents the reuse of an id, even after the last person was deleted. A deletion is recorded in the
//! same transaction, for the services that keep data about the person.

mod accounts;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chassis::conditional::Precondition;
use daemon::Fatal;
use serde::Serialize;
use sqlite::rusqlite::{self, Connection, OptionalExtension as _, Row, params};
use sqlite::{Column, Database, Migrations};
use storage::{Id, Registry, StoreError};

use accounts::{claim, count_one_less, count_one_more, owns_unclaimed};

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
    -- The account that owns the person. NULL until its holder first comes: until then the username owns it.
    ALTER TABLE person ADD COLUMN owner_uid TEXT;
    DROP INDEX person_by_owner;
    CREATE INDEX person_by_owner ON person (owner_uid, id);
    CREATE INDEX person_unclaimed ON person (owner, id) WHERE owner_uid IS NULL;
    -- The number of each account's persons, so that the limit costs no scan.
    CREATE TABLE account (
        uid     TEXT    PRIMARY KEY,
        persons INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
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
    /// The viewer owns as many persons as an account may.
    LimitReached,
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

    /// Creates a person with a new id.
    pub async fn create(&self, name: Name, viewer: Viewer) -> Result<Person, Refusal> {
        let limit = if viewer.is_administrator { i64::MAX } else { self.limit.into() };
        let has_unclaimed = self.has_unclaimed;
        let insert = move |db: &Connection| {
            if has_unclaimed {
                claim(db, &viewer)?;
            }
            if !count_one_more(db, &viewer, limit)? {
                return Ok(Err(Refusal::LimitReached));
            }
            let Viewer { uid, username, .. } = viewer;
            db.prepare_cached("INSERT INTO person (name, owner, owner_uid) VALUES (?1, ?2, ?3)")?
                .execute(params![name.as_str(), username, uid])?;
            let id = db.last_insert_rowid();
            Ok(Ok(Person { id, name, owner: username, owner_uid: Some(uid), version: 1 }))
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

    /// Returns at most `limit` persons that the viewer may see, in the order of their ids, after the id `after`.
    pub async fn page(&self, viewer: Viewer, after: i64, limit: u16) -> Result<Vec<Person>, Refusal> {
        let mut usernames = false;
        if self.has_unclaimed && self.database.read(|db| owns_unclaimed(db, &viewer))? {
            usernames = !self.claim(viewer.clone()).await;
        }
        let query = move |db: &Connection| {
            let Viewer { uid, username, is_administrator } = viewer;
            if is_administrator {
                let all = "SELECT id, name, owner, version, owner_uid FROM person
                           WHERE id > ?1 ORDER BY id LIMIT ?2";
                db.prepare_cached(all)?.query_map(params![after, limit], person)?.collect()
            } else if usernames {
                // Both parts are read in the order of an index, as far as the page goes.
                let both =
                    "SELECT id, name, owner, version, owner_uid FROM person WHERE owner_uid = ?3 AND id > ?1
                            UNION ALL
                            SELECT id, name, owner, version, owner_uid FROM person
                            WHERE owner_uid IS NULL AND owner = ?4 AND id > ?1
                            ORDER BY id LIMIT ?2";
                db.prepare_cached(both)?.query_map(params![after, limit, uid, username], person)?.collect()
            } else {
                let own = "SELECT id, name, owner, version, owner_uid FROM person
                           WHERE owner_uid = ?3 AND id > ?1 ORDER BY id LIMIT ?2";
                db.prepare_cached(own)?.query_map(params![after, limit, uid], person)?.collect()
            }
        };
        Ok(self.database.scan(query).await?)
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
        self.database.scan(query).await?
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
