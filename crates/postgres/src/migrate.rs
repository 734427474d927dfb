//! The schema. Replicas start at once, so each may find any step done by another: every statement can be repeated. If
//! another replica was in the way of one, the next connection repeats them. No lock, and no DDL in a transaction: engines
//! that speak PostgreSQL's protocol differ in both.

use crate::error::{Error, Failure};
use crate::session::Session;

/// The statements that lead from each version of the schema to the next. Each one has no effect if it was run before.
pub type Migrations = &'static [&'static [&'static str]];

/// The tables of the engine.
const OWN: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS schema_version (one INT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)",
    "INSERT INTO schema_version (one, version) VALUES (1, 0) ON CONFLICT (one) DO NOTHING",
    // A row for each connection that writes: see `write.rs`.
    "CREATE TABLE IF NOT EXISTS fence (
        id     TEXT        PRIMARY KEY,
        writes BIGINT      NOT NULL DEFAULT 0,
        used   TIMESTAMPTZ NOT NULL DEFAULT now()
    )",
];

/// Brings the schema to its newest version.
pub(crate) async fn migrate(session: &Session, migrations: Migrations) -> Result<(), Error> {
    let encoding = "SELECT current_setting('server_encoding')";
    let encoding: String = session.rows(encoding, &[]).await.map_err(|Failure(error)| error)?[0].get(0);
    if encoding != "UTF8" {
        return Err(Error::Refused(format!("the encoding of the database is {encoding}; it must be UTF8")));
    }
    // A role without the right to create tables can start on a schema that is up to date.
    let found = match version(session).await {
        Ok(found) => found,
        Err(_) => {
            for statement in OWN {
                session.run(statement).await?;
            }
            version(session).await?
        }
    };
    let newest = i64::try_from(migrations.len()).expect("a few");
    if found > newest {
        let message = format!("the schema has version {found}, and this program knows {newest} at most");
        return Err(Error::Refused(message));
    }
    for (number, statements) in (1..).zip(migrations).skip_while(|(number, _)| *number <= found) {
        for statement in *statements {
            session.run(statement).await?;
            // So that every test of a service finds a statement that cannot be repeated.
            if cfg!(debug_assertions) {
                session.run(statement).await?;
            }
        }
        let advance = "UPDATE schema_version SET version = $1 WHERE one = 1 AND version < $1";
        session.rows(advance, &[&number]).await.map_err(|Failure(error)| error)?;
    }
    Ok(())
}

/// Returns the version of the schema, if there is one.
pub(crate) async fn version(session: &Session) -> Result<i64, Error> {
    let sql = "SELECT version FROM schema_version WHERE one = 1";
    let rows = session.rows(sql, &[]).await.map_err(|Failure(error)| error)?;
    rows.first().map(|row| row.get(0)).ok_or_else(|| Error::Refused("the schema has no version".to_owned()))
}
