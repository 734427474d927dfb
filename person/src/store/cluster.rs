//! The store of persons over a PostgreSQL cluster, for any number of replicas at once.
//!
//! Each write locks in the same order, so that two never wait for each other: a person, its account, the counter of
//! deletions. (Claims of persons without an account may differ; PostgreSQL then ends one of the two, which is repeated.)
//! Of the statements that differ between engines of PostgreSQL's protocol, only the usual ones are used.

mod accounts;
mod copies;
mod creation;
mod pages;
mod reading;
mod schema;

use std::sync::Arc;

use chassis::IdempotencyKey;
use chassis::conditional::Precondition;
use postgres::{Batches, Database, Decision, Failure, Job, Row, Session, Url};
use storage::{Id, Registry, StoreError};

use super::{Identity, Refusal, changeable, seen};
use crate::person::{Name, Person, Viewer};
use accounts::claim;
use creation::{Creations, New, WithKey};
use reading::Reading;
use schema::MIGRATIONS;

pub(super) use copies::{backup, restore};

#[derive(Debug)]
pub(super) struct Cluster {
    database: Arc<Database>,
    readings: Batches<Reading>,
    creations: Batches<Creations>,
    limit: u32,
}

impl Cluster {
    pub(super) fn open(url: Url, limit: u32, registry: &mut Registry) -> Self {
        let database = Arc::new(Database::open(url, MIGRATIONS, crate::NAME, registry));
        Self {
            readings: Batches::new(Reading { database: Arc::clone(&database) }),
            creations: Batches::new(Creations { database: Arc::clone(&database), limit }),
            database,
            limit,
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.database.check()
    }

    pub(super) async fn create(
        &self,
        name: Name,
        viewer: Viewer,
        key: Option<IdempotencyKey>,
    ) -> Result<Person, Refusal> {
        let new = New { name, viewer };
        match key {
            None => self.creations.call(new).await?,
            Some(key) => self.database.write(&WithKey { new, key, limit: self.limit }).await?,
        }
    }

    pub(super) async fn read(
        &self,
        id: Id,
        viewer: &Viewer,
    ) -> Result<(Identity, Result<Person, Refusal>), StoreError> {
        let (identity, found) = self.readings.call(id).await?;
        let seen = seen(found, viewer);
        self.claim_any(viewer, seen.iter()).await;
        Ok((identity, seen))
    }

    pub(super) async fn rename(
        &self,
        id: Id,
        name: Name,
        viewer: Viewer,
        precondition: Precondition,
    ) -> Result<Person, Refusal> {
        self.database.write(&Change { id, viewer, precondition, name: Some(name) }).await?
    }

    pub(super) async fn delete(
        &self,
        id: Id,
        viewer: Viewer,
        precondition: Precondition,
    ) -> Result<(), Refusal> {
        self.database.write(&Change { id, viewer, precondition, name: None }).await?.map(drop)
    }
}

/// A person gets a new name, or is deleted.
struct Change {
    id: Id,
    viewer: Viewer,
    precondition: Precondition,
    name: Option<Name>,
}

impl Job for Change {
    type Output = Result<Person, Refusal>;

    async fn run(&self, session: &Session) -> Result<Decision<Self::Output>, Failure> {
        // The row stays locked until the commit, so no other replica can come between check and write.
        let sql = "SELECT id, name, owner, version, owner_uid FROM person WHERE id = $1 FOR UPDATE";
        let rows = session.rows(sql, &[&self.id.get()]).await?;
        let mut before = match changeable(rows.first().map(person), &self.viewer, &self.precondition) {
            Ok(person) => person,
            refused => return Ok(Decision::RollBack(refused)),
        };
        if before.owner_uid.is_none() && self.viewer.owns(&before) {
            claim(session, &self.viewer).await?;
            before.owner_uid = Some(self.viewer.uid.clone());
        }
        let Some(name) = &self.name else {
            delete(session, &before).await?;
            return Ok(Decision::Commit(Ok(before)));
        };
        let sql = "UPDATE person SET name = $2, version = version + 1 WHERE id = $1";
        session.rows(sql, &[&before.id, &name.as_str()]).await?;
        Ok(Decision::Commit(Ok(Person { name: name.clone(), version: before.version + 1, ..before })))
    }
}

async fn delete(session: &Session, person: &Person) -> Result<(), Failure> {
    session.rows("DELETE FROM person WHERE id = $1", &[&person.id]).await?;
    session.rows("UPDATE account SET persons = persons - 1 WHERE uid = $1", &[&person.owner_uid]).await?;
    session.rows("DELETE FROM account WHERE uid = $1 AND persons = 0", &[&person.owner_uid]).await?;
    // The counter's row stays locked until the commit, so deletions become visible in the order of their numbers: the
    // numbers of an identity column are visible in any order, and a reader that follows them would miss some.
    let sql = "WITH next AS (UPDATE deletions SET last = last + 1 WHERE one = 1 RETURNING last)
               INSERT INTO deleted (seq, id) SELECT last, $1::BIGINT FROM next";
    session.rows(sql, &[&person.id]).await.map(drop)
}

fn person(row: &Row) -> Person {
    Person {
        id: row.get(0),
        name: Name::from_store(row.get(1)),
        owner: row.get(2),
        version: row.get::<_, i64>(3).unsigned_abs(),
        owner_uid: row.get(4),
    }
}

fn without_identity() -> StoreError {
    StoreError::Failed("the database has no identity".to_owned())
}
