//! The content of the database as a copy, and a copy as the content of an empty database.
//!
//! A copy is prepared as for the embedded store: only a valid one comes here, with every number past the clock.

use std::io::{Read, Write};

use anyhow::ensure;
use postgres::{Session, Url, run_command};
use sqlite::rusqlite::Connection;

use super::schema::MIGRATIONS;
use crate::store::{copies::NUMBERS, embedded};

/// A table in both engines. Its rows travel as JSON.
struct Table {
    /// Reads the rows in the cluster.
    cluster_rows: &'static str,
    /// Adds a page of them to a copy.
    into_copy: &'static str,
    /// Reads the rows in a copy.
    copy_rows: &'static str,
    /// Adds a page of them to the cluster.
    into_cluster: &'static str,
}

const TABLES: &[Table] = &[
    Table {
        cluster_rows: "SELECT id, name, owner, owner_uid, version FROM person",
        into_copy: "INSERT INTO person (id, name, owner, owner_uid, version)
            SELECT value->>'id', value->>'name', value->>'owner', value->>'owner_uid', value->>'version'
            FROM json_each(?1)",
        copy_rows: "SELECT json_object('id', id, 'name', name, 'owner', owner, 'owner_uid', owner_uid,
            'version', version) FROM person",
        into_cluster: "INSERT INTO person (id, name, owner, owner_uid, version)
            SELECT id, name, owner, owner_uid, version
            FROM json_populate_recordset(NULL::person, $1::TEXT::JSON)",
    },
    Table {
        cluster_rows: "SELECT uid, persons FROM account",
        into_copy: "INSERT INTO account (uid, persons) SELECT value->>'uid', value->>'persons' FROM json_each(?1)",
        copy_rows: "SELECT json_object('uid', uid, 'persons', persons) FROM account",
        into_cluster: "INSERT INTO account (uid, persons)
            SELECT uid, persons FROM json_populate_recordset(NULL::account, $1::TEXT::JSON)",
    },
    Table {
        cluster_rows: "SELECT seq, id FROM deleted",
        into_copy: "INSERT INTO deleted (seq, id) SELECT value->>'seq', value->>'id' FROM json_each(?1)",
        copy_rows: "SELECT json_object('seq', seq, 'id', id) FROM deleted",
        into_cluster: "INSERT INTO deleted (seq, id)
            SELECT seq, id FROM json_populate_recordset(NULL::deleted, $1::TEXT::JSON)",
    },
    // In the order of their numbers: the other engine numbers them again, in the same order.
    Table {
        cluster_rows:
            "SELECT uid, key, encode(name, 'hex') AS name, id, floor(extract(epoch FROM time))::BIGINT AS time
            FROM created ORDER BY number",
        into_copy: "INSERT INTO created (uid, key, name, id, time)
            SELECT value->>'uid', value->>'key', unhex(value->>'name'), value->>'id', value->>'time'
            FROM json_each(?1)",
        copy_rows: "SELECT json_object('uid', uid, 'key', key, 'name', hex(name), 'id', id, 'time', time)
            FROM created ORDER BY number",
        into_cluster: "INSERT INTO created (uid, key, name, id, time)
            SELECT uid, key, decode(name, 'hex'), id, to_timestamp(time)
            FROM json_to_recordset($1::TEXT::JSON)
                AS row (uid TEXT, key TEXT, name TEXT, id BIGINT, time BIGINT)",
    },
];

pub(in crate::store) fn backup(url: &Url, out: &mut dyn Write) -> anyhow::Result<()> {
    sqlite::export(embedded::MIGRATIONS, out, |copy| {
        run_command(url.clone(), MIGRATIONS, crate::NAME, async |database| {
            database.snapshot(async |session| write_copy(session, copy).await).await
        })
    })
}

async fn write_copy(session: &Session, copy: &Connection) -> anyhow::Result<()> {
    for table in TABLES {
        let insert = |page: &str| Ok(copy.execute(table.into_copy, [page]).map(drop)?);
        session.read_pages(table.cluster_rows, insert).await?;
    }
    // The sequence is not part of the snapshot: it may be ahead of the persons, never behind.
    let sql = "SELECT uuid, last, (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM person_id_seq)
               FROM identity CROSS JOIN deletions";
    let rows = session.rows(sql, &[]).await?;
    ensure!(rows.len() == 1, "the database has no identity");
    copy.execute("UPDATE identity SET uuid = ?1", [rows[0].get::<_, &str>(0)])?;
    for (table, last) in [("deleted", rows[0].get::<_, i64>(1)), ("person", rows[0].get(2))] {
        copy.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        copy.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table, last))?;
    }
    Ok(())
}

pub(in crate::store) fn restore(url: &Url, input: &mut dyn Read) -> anyhow::Result<()> {
    sqlite::import(embedded::MIGRATIONS, NUMBERS, input, |copy| {
        run_command(url.clone(), MIGRATIONS, crate::NAME, async |database| {
            database.write_at_length(async |session| read_copy(session, copy).await).await
        })
    })
}

async fn read_copy(session: &Session, copy: &Connection) -> anyhow::Result<()> {
    // Replicas may be running: their reads see an empty database until the commit, their writes wait or are refused.
    let lock = "LOCK TABLE person, account, deletions, deleted, created, identity IN EXCLUSIVE MODE";
    session.rows(lock, &[]).await?;
    let used = "SELECT EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM deleted)";
    let used: bool = session.rows(used, &[]).await?[0].get(0);
    ensure!(!used, "the database has persons or deletions already; restore into an empty one");
    for table in TABLES {
        let mut rows = copy.prepare(table.copy_rows)?;
        let rows = rows.query_map([], |row| row.get::<_, String>(0))?;
        session.write_pages(table.into_cluster, rows.map(|row| Ok(row?))).await?;
    }
    let identity: String = copy.query_row("SELECT uuid FROM identity", [], |row| row.get(0))?;
    session.rows("UPDATE identity SET uuid = $1 WHERE one = 1", &[&identity]).await?;
    let last: i64 = copy.query_row("SELECT max(seq) FROM sqlite_sequence", [], |row| row.get(0))?;
    session.rows("UPDATE deletions SET last = greatest(last, $1) WHERE one = 1", &[&last]).await?;
    // A sequence keeps its value if the transaction fails after this; that only leaves a gap.
    let sql = "SELECT setval('person_id_seq', greatest($1, nextval('person_id_seq')))";
    session.rows(sql, &[&last]).await.map(drop).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns that `TABLES` leaves out: `write_copy` and `read_copy` care for the first two, the other engine counts anew
    /// for the last.
    const LEFT_OUT: [(&str, &str); 3] = [("identity", "one"), ("identity", "uuid"), ("created", "number")];

    #[test]
    fn copies_have_every_column() {
        testkit::assert_every_column_is_copied(embedded::MIGRATIONS, |table, column| {
            if LEFT_OUT.contains(&(table, column)) {
                return None;
            }
            let insert = format!("INSERT INTO {table} (");
            let copied = TABLES.iter().find(|copied| copied.into_copy.starts_with(&insert));
            let Table { cluster_rows, into_copy, copy_rows, into_cluster } =
                copied.unwrap_or_else(|| panic!("no copy has the table {table}"));
            Some([cluster_rows, into_copy, copy_rows, into_cluster])
        });
    }
}
