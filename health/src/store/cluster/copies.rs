//! The records as a copy, and a copy as the records of an empty database.
//!
//! A copy has the current records, the identity of person's database and the cursor. It has no records that were set aside,
//! and no marks of deleted persons: these protect from writes in flight, and no write is in flight in a copy.

use std::io::{Read, Write};

use anyhow::{Context as _, ensure};
use journal::{Content, Mark, Records};
use postgres::{Session, Url, run_command};
use serde::Deserialize;
use serde_json::json;
use storage::Id;

use super::parse;
use super::schema::MIGRATIONS;
use crate::vitals::Vitals;

pub(in crate::store) fn backup(url: &Url, out: &mut dyn Write) -> anyhow::Result<()> {
    journal::export::<Vitals>(out, |records| {
        run_command(url.clone(), MIGRATIONS, crate::NAME, async |database| {
            database.snapshot(async |session| write_copy(session, records).await).await
        })
    })
}

/// A row of the table; without vital signs, it only says which version was issued.
#[derive(Deserialize)]
struct Row {
    id: i64,
    version: u64,
    vitals: Option<String>,
}

async fn write_copy(session: &Session, records: &mut Records) -> anyhow::Result<Mark> {
    let sql = "SELECT origin, cursor, first_version FROM follows WHERE one = 1";
    let rows = session.rows(sql, &[]).await?;
    let follows = rows.first().ok_or_else(super::without_position)?;
    records.issued(follows.get::<_, i64>(2).unsigned_abs());
    let sql = "SELECT id, version, CASE WHEN record.generation = follows.generation THEN vitals END AS vitals
               FROM record CROSS JOIN follows";
    let put = |page: &str| {
        for Row { id, version, vitals } in serde_json::from_str::<Vec<Row>>(page)? {
            match vitals {
                Some(text) => {
                    records.put(Id::new(id).context("an id is not positive")?, parse(&text)?, version)?
                }
                None => records.issued(version),
            }
        }
        Ok(())
    };
    session.read_pages(sql, put).await?;
    Ok(Mark { cursor: follows.get(1), origin: follows.get::<_, Option<&str>>(0).map(Into::into) })
}

pub(in crate::store) fn restore(url: &Url, input: &mut dyn Read) -> anyhow::Result<()> {
    let copy = Content::read(input)?;
    run_command(url.clone(), MIGRATIONS, crate::NAME, async |database| {
        database.write_at_length(async |session| read_copy(session, &copy).await).await
    })
}

async fn read_copy(session: &Session, copy: &Content<Vitals>) -> anyhow::Result<()> {
    // Replicas may be running: their reads find no record until the commit, their writes wait or are refused.
    session.rows("LOCK TABLE follows, record IN EXCLUSIVE MODE", &[]).await?;
    let used: bool = session.rows("SELECT EXISTS (SELECT 1 FROM record)", &[]).await?[0].get(0);
    ensure!(
        !used,
        "the database has records already, or a running service has noted deletions of persons in it; restore into \
         an empty one"
    );
    let Mark { cursor, origin } = copy.mark();
    let sql = "UPDATE follows SET origin = $1, cursor = $2, first_version = greatest(first_version, $3) WHERE one = 1";
    session.rows(sql, &[&origin.as_deref(), &cursor, &copy.last]).await?;
    let sql = "INSERT INTO record (generation, id, version, vitals)
               SELECT generation, row.id, first_version, row.vitals
               FROM follows CROSS JOIN json_to_recordset($1::TEXT::JSON) AS row (id BIGINT, vitals TEXT)";
    let rows = copy.records().map(|(id, vitals)| {
        Ok(json!({"id": id.get(), "vitals": serde_json::to_string(&vitals)?}).to_string())
    });
    session.write_pages(sql, rows).await
}
