//! The accounts as a copy, and a copy as the accounts of an empty database. The counters of the throttle are in no copy:
//! the embedded store keeps them in memory.

use std::io::{Read, Write};

use anyhow::ensure;
use postgres::{Session, Url, run_command};
use sqlite::rusqlite::Connection;

use super::schema::MIGRATIONS;
use crate::store::embedded;

pub(in crate::store) fn backup(url: &Url, out: &mut dyn Write) -> anyhow::Result<()> {
    sqlite::export(embedded::MIGRATIONS, out, |copy| {
        run_command(url.clone(), MIGRATIONS, crate::NAME, async |database| {
            database.snapshot(async |session| write_copy(session, copy).await).await
        })
    })
}

/// The accounts of the cluster, whose rows travel as JSON.
const CLUSTER_ROWS: &str = "SELECT username, uid, role, password FROM account WHERE uid IS NOT NULL";
/// Adds a page of them to a copy.
const INTO_COPY: &str = "INSERT INTO account (username, uid, role, password)
    SELECT value->>'username', value->>'uid', value->>'role', value->>'password' FROM json_each(?1)";
/// The accounts of a copy, and its closed usernames, which are accounts without an id in the cluster.
const COPY_ROWS: &str =
    "SELECT json_object('username', username, 'uid', uid, 'role', role, 'password', password) FROM account
     UNION ALL SELECT json_object('username', username, 'role', 'user') FROM closed";
/// Adds a page of them to the cluster.
const INTO_CLUSTER: &str = "INSERT INTO account (username, uid, role, password)
    SELECT username, uid, role, password FROM json_populate_recordset(NULL::account, $1::TEXT::JSON)";

async fn write_copy(session: &Session, copy: &Connection) -> anyhow::Result<()> {
    let insert = |sql| move |page: &str| Ok(copy.execute(sql, [page]).map(drop)?);
    session.read_pages(CLUSTER_ROWS, insert(INTO_COPY)).await?;
    let closed = insert("INSERT INTO closed (username) SELECT value->>'username' FROM json_each(?1)");
    session.read_pages("SELECT username FROM account WHERE uid IS NULL", closed).await
}

pub(in crate::store) fn restore(url: &Url, input: &mut dyn Read) -> anyhow::Result<()> {
    sqlite::import(embedded::MIGRATIONS, &[], input, |copy| {
        run_command(url.clone(), MIGRATIONS, crate::NAME, async |database| {
            database.write_at_length(async |session| read_copy(session, copy).await).await
        })
    })
}

async fn read_copy(session: &Session, copy: &Connection) -> anyhow::Result<()> {
    // Replicas may be running: their reads see an empty table until the commit, their writes wait or are refused.
    session.rows("LOCK TABLE account IN EXCLUSIVE MODE", &[]).await?;
    let used: bool = session.rows("SELECT EXISTS (SELECT 1 FROM account)", &[]).await?[0].get(0);
    ensure!(!used, "the database has accounts already; restore into an empty one");
    let mut rows = copy.prepare(COPY_ROWS)?;
    let rows = rows.query_map([], |row| row.get::<_, String>(0))?;
    session.write_pages(INTO_CLUSTER, rows.map(|row| Ok(row?))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_have_every_column() {
        testkit::assert_every_column_is_copied(embedded::MIGRATIONS, |table, column| match (table, column) {
            ("account", _) => Some([CLUSTER_ROWS, INTO_COPY, COPY_ROWS, INTO_CLUSTER]),
            ("closed", "username") => None,
            _ => panic!("no copy has {column} of the table {table}"),
        });
    }
}
