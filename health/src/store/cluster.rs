//! The store of records over a PostgreSQL cluster, for any number of replicas at once.
//!
//! Each transaction locks in the same order, so that two never wait for each other: the row of `follows`, then records
//! in the order of their ids.

mod adoption;
mod change;
mod copies;
mod erasure;
mod schema;

use chassis::conditional::Precondition;
use postgres::{Database, Decision, Failure, Job, Row, Session, Url};
use storage::{Id, Registry, StoreError};

use super::{Record, Refusal};
use crate::identity::{Comparison, Identity, Replaced};
use crate::vitals::Vitals;
use change::Writing;
use schema::MIGRATIONS;

pub(crate) use adoption::adopt;
pub(super) use copies::{backup, restore};
pub(crate) use erasure::Erased;

#[derive(Debug)]
pub(crate) struct Cluster {
    database: Database,
}

/// What the records follow.
pub(crate) struct Position {
    origin: Option<String>,
    pub(crate) cursor: i64,
    generation: i64,
    /// Every version in this generation is larger.
    first_version: i64,
}

impl Cluster {
    pub(super) fn open(url: Url, registry: &mut Registry) -> Self {
        Self { database: Database::open(url, MIGRATIONS, crate::NAME, registry) }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.database.check()
    }

    pub(super) async fn read(&self, id: Id, identity: &Identity) -> Result<Option<Record>, Refusal> {
        // The origin comes from the same statement: an operator may have adopted another database since the lookup.
        let sql = "SELECT origin, version, vitals FROM follows
                   LEFT JOIN record ON record.generation = follows.generation AND record.id = $1";
        let rows = self.database.read(sql, &[&id.get()]).await?;
        let row = rows.first().ok_or_else(without_position)?;
        match identity.compare(row.get(0)) {
            Comparison::Other => Err(Refusal::Replaced),
            Comparison::Same | Comparison::First => Ok(record(row, 1)?),
        }
    }

    pub(crate) async fn recognize(&self, identity: &Identity) -> Result<Result<(), Replaced>, StoreError> {
        let position = self.position().await?;
        match identity.compare(position.origin.as_deref()) {
            Comparison::Same => Ok(Ok(())),
            Comparison::Other => Ok(Err(Replaced)),
            // On a full disk reads go on. A write remembers the identity in its own transaction, or fails.
            Comparison::First => {
                Ok(self.database.write(&Remembering(identity.clone())).await.unwrap_or(Ok(())))
            }
        }
    }

    pub(super) async fn change(
        &self,
        id: Id,
        change: super::Change,
        precondition: Precondition,
        identity: Identity,
    ) -> Result<Option<Record>, Refusal> {
        self.database.write(&Writing { id, change, precondition, identity }).await?
    }

    pub(crate) async fn position(&self) -> Result<Position, StoreError> {
        current_position(&self.database).await
    }
}

const POSITION: &str = "SELECT origin, cursor, generation, first_version FROM follows WHERE one = 1";

async fn current_position(database: &Database) -> Result<Position, StoreError> {
    database.read(POSITION, &[]).await?.first().map(position).ok_or_else(without_position)
}

/// The identity of the first answer that names a database is kept.
struct Remembering(Identity);

impl Job for Remembering {
    type Output = Result<(), Replaced>;

    async fn run(&self, session: &Session) -> Result<Decision<Self::Output>, Failure> {
        let remembered = remember(session, &self.0).await?;
        Ok(match remembered {
            Ok(_) => Decision::Commit(Ok(())),
            Err(replaced) => Decision::RollBack(Err(replaced)),
        })
    }
}

/// Checks the identity against the remembered one, and remembers it if it is the first. Returns the position.
async fn remember(session: &Session, identity: &Identity) -> Result<Result<Position, Replaced>, Failure> {
    loop {
        let rows = session.rows(POSITION, &[]).await?;
        // The migration made the row. If it is gone, no identity is the right one.
        let Some(position) = rows.first().map(position) else { return Ok(Err(Replaced)) };
        match identity.compare(position.origin.as_deref()) {
            Comparison::Same => return Ok(Ok(position)),
            Comparison::Other => return Ok(Err(Replaced)),
            Comparison::First => {
                // Of two first identities the second one finds that of the other replica, and is compared with it.
                let sql = "UPDATE follows SET origin = $1 WHERE one = 1 AND origin IS NULL";
                session.rows(sql, &[&identity.0.as_deref()]).await?;
            }
        }
    }
}

fn position(row: &Row) -> Position {
    Position { origin: row.get(0), cursor: row.get(1), generation: row.get(2), first_version: row.get(3) }
}

/// Returns the record in these columns, a version and vital signs; `None` for a row without them.
fn record(row: &Row, first: usize) -> Result<Option<Record>, StoreError> {
    let Some(text) = row.get::<_, Option<&str>>(first + 1) else { return Ok(None) };
    Ok(Some(Record { value: parse(text)?, version: row.get::<_, i64>(first).unsigned_abs() }))
}

/// Parses the vital signs of a record.
fn parse(text: &str) -> Result<Vitals, StoreError> {
    let parsed = serde_json::from_str(text);
    parsed.map_err(|_| StoreError::Failed("a record in the database is not one of health".to_owned()))
}

fn without_position() -> StoreError {
    StoreError::Failed("the database does not say which persons its records belong to".to_owned())
}
