//! Backup and restore: a copy of a database in use, and a database replaced by a copy.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use daemon::files::{beside, remove_if_exists};
use daemon::lock::StoreLock;
use rusqlite::{Connection, OpenFlags};

use crate::connection::{self, Access, Migrations, connect, hint, migrate};

/// Numbers issued after the copy was made must never be issued again, and their count is unknown.
/// Millions of such steps fit below 2^53, up to which JavaScript counts exactly.
const SKIPPED: i64 = 1_000_000_000;

/// Writes a copy of the database, as of one moment, to `out`. A process may be using the database.
///
/// # Errors
/// Returns an error message for the operator if the database cannot be read, if the disk has no room for a temporary
/// file beside it, or if `out` cannot be written.
pub fn backup(path: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    if !path.exists() {
        bail!("there is no database {}", path.display());
    }
    let temporary = beside(path, ".backup");
    let _lock = StoreLock::take(&temporary)?;
    let copied = copy(path, &temporary, out);
    // If removing fails, the next backup does it.
    let _ = fs::remove_file(&temporary);
    copied.map_err(|error| anyhow!("cannot copy {}: {error:#}{}", path.display(), hint(&error)))
}

fn copy(path: &Path, temporary: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    remove_if_exists(temporary)?;
    let name = temporary.to_str().ok_or_else(|| anyhow!("its name is not UTF-8"))?;
    connection::reader(path)?.execute("VACUUM INTO ?1", [name])?;
    io::copy(&mut File::open(temporary)?, out)?;
    Ok(out.flush()?)
}

/// Replaces the database at `path`, which no process may be using, with the copy read from `input`. Returns where the
/// previous database is kept, if one existed.
///
/// # Errors
/// Returns an error message for the operator if the database is in use or cannot be written, or if the copy is not an
/// intact database of this schema. The database is then unchanged.
pub fn restore(path: &Path, migrations: Migrations, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    daemon::restore(path, input, &["-wal", "-shm"], |copy| {
        prepare(copy, path, migrations)
            .map_err(|error| anyhow!("the copy cannot be used: {error:#}{}", hint(&error)))?;
        fold_wal(path).map_err(|error| anyhow!("cannot restore {}: {error}", path.display()))
    })
}

/// Moves the content of the WAL into the database that is about to be replaced. Its WAL must be removed before the copy
/// gets its name, and a kill between the two would leave a database without its last commits.
fn fold_wal(path: &Path) -> rusqlite::Result<()> {
    // A reader leaves the WAL alone. A missing or damaged database is kept as it is.
    let found = connection::reader(path)
        .and_then(|db| db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)));
    if found.as_deref() != Ok("ok") {
        return Ok(());
    }
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    // The last connection to close removes the WAL.
    db.close().map_err(|(_, error)| error)
}

/// Checks a copy, migrates its schema and advances its counters.
fn prepare(path: &Path, replaced: &Path, migrations: Migrations) -> anyhow::Result<()> {
    check_is_whole(path)?;
    check_content(path, migrations)?;
    let copy = connect(path, Access::Existing, migrations)?;
    skip_numbers(&copy, replaced)?;
    // Closing would do the same but hide a failure.
    copy.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Checks the pages and the schema, before a migration changes or trips over them.
fn check_content(path: &Path, migrations: Migrations) -> anyhow::Result<()> {
    let copy = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let found: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        bail!("it is damaged: {}", found.replace('\n', " "));
    }
    let version: u32 = copy.pragma_query_value(None, "user_version", |row| row.get(0))?;
    // The migration refuses a version that it does not know.
    let Some(known) = migrations.get(..version as usize) else { return Ok(()) };
    let mut expected = Connection::open_in_memory()?;
    migrate(&mut expected, known)?;
    if schema(&copy)? != schema(&expected)? {
        bail!("it is the database of another service");
    }
    Ok(())
}

/// Finds damage that SQLite does not report: it reads a truncated last page as zeros.
fn check_is_whole(path: &Path) -> anyhow::Result<()> {
    let mut file = File::open(path)?;
    // <https://sqlite.org/fileformat2.html>: the magic, and the size of a page.
    let mut header = [0; 18];
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"SQLite format 3\0") {
        bail!("it is not an SQLite database");
    }
    let page = u16::from_be_bytes([header[16], header[17]]);
    if file.metadata()?.len().checked_rem(page.into()) != Some(0) {
        bail!("it is truncated");
    }
    Ok(())
}

fn schema(db: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let mut tables = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
    tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Advances every AUTOINCREMENT past the numbers of the copy and of the replaced database, since both may come from the
/// same copy.
fn skip_numbers(copy: &Connection, replaced: &Path) -> rusqlite::Result<()> {
    let numbered = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'";
    let tables: Vec<String> =
        copy.prepare(numbered)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        // A missing or damaged database counts as one without numbers.
        let before = connection::reader(replaced).and_then(|db| given_out(&db, &table)).unwrap_or(0);
        let next = given_out(copy, &table)?.max(before).saturating_add(SKIPPED);
        copy.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [&table])?;
        copy.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (&table, next))?;
    }
    Ok(())
}

/// Returns the last number of a table. SQLite keeps it in a separate table, without a row for an empty one.
fn given_out(db: &Connection, table: &str) -> rusqlite::Result<i64> {
    let last = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
    db.query_row(last, [table], |row| row.get(0))
}
