//! Backup and restore: a copy of a database in use, and a database replaced by a copy.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use daemon::files::{beside, private, remove_if_exists, resolve};
use daemon::lock::StoreLock;
use rusqlite::{Connection, OpenFlags};

use crate::connection::{self, Migrations, connect, hint, migrate};
use crate::file::{COMPANIONS, check_name};

/// A column whose numbers must never be repeated, such as the version of a row.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// Writes a copy of the database, as of one moment, to `out`. A process may be using the database.
///
/// # Errors
/// Returns an error message for the operator if the database cannot be read, if the disk has no room for a temporary
/// file beside it, or if `out` cannot be written.
pub fn backup(path: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    if !path.exists() {
        bail!("there is no database {}", path.display());
    }
    let path = &resolve(path).with_context(|| format!("cannot copy {}", path.display()))?;
    check_name(path)?;
    let temporary = beside(path, ".backup");
    let _lock = StoreLock::take(&temporary)?;
    let copied = copy(path, &temporary, out);
    // If removing fails, the next backup does it.
    let _ = fs::remove_file(&temporary);
    copied.map_err(|error| anyhow!("cannot copy {}: {error:#}{}", path.display(), hint(&error)))
}

fn copy(path: &Path, temporary: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    remove_if_exists(temporary)?;
    // SQLite accepts an empty file; one that it creates itself is readable by all.
    private().write(true).create_new(true).open(temporary)?;
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
///
/// Numbers issued after the copy was made must not be issued again: every AUTOINCREMENT, and `columns` in every
/// row, advance as [`storage::after_restore`] says.
pub fn restore(
    path: &Path,
    migrations: Migrations,
    columns: &[Column],
    input: &mut dyn Read,
) -> anyhow::Result<Option<PathBuf>> {
    daemon::restore(path, input, &COMPANIONS, |copy, path| {
        prepare(copy, path, migrations, columns)
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
fn prepare(path: &Path, replaced: &Path, migrations: Migrations, columns: &[Column]) -> anyhow::Result<()> {
    check_is_whole(path)?;
    check_content(path, migrations)?;
    let copy = connect(path, migrations)?;
    advance(&copy, replaced, columns)?;
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

/// Advances every number past those that the copy and the replaced database have issued.
fn advance(copy: &Connection, replaced: &Path, columns: &[Column]) -> rusqlite::Result<()> {
    let numbered = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'";
    let tables: Vec<String> =
        copy.prepare(numbered)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    // A missing or damaged database counts as one without numbers.
    let before = connection::reader(replaced).and_then(|db| issued(&db, columns)).unwrap_or(0);
    let last = storage::after_restore(issued(copy, columns)?.max(before));
    for table in tables {
        copy.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [&table])?;
        copy.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (&table, last))?;
    }
    for Column { table, name } in columns {
        copy.execute(&format!("UPDATE {table} SET {name} = ?1"), [last])?;
    }
    Ok(())
}

/// Returns the largest number that a database has issued.
fn issued(db: &Connection, columns: &[Column]) -> rusqlite::Result<i64> {
    // SQLite keeps the last number of an AUTOINCREMENT in this table, without a row for an empty one.
    let counted = Column { table: "sqlite_sequence", name: "seq" };
    let max = |Column { table, name }: &Column| {
        db.query_row(&format!("SELECT ifnull(max({name}), 0) FROM {table}"), [], |row| row.get::<_, i64>(0))
    };
    let has_table = db.table_exists(None, counted.table)?;
    columns.iter().chain(has_table.then_some(&counted)).try_fold(0, |last, column| Ok(max(column)?.max(last)))
}
