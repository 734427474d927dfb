//! A copy of a database, taken while it is written; and such a copy put in the database's place.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use daemon::files::{beside, remove_if_there};
use daemon::lock::StoreLock;
use rusqlite::{Connection, OpenFlags};

use crate::connection::{self, Access, Migrations, connect, hint, migrate};

/// Numbers that were given out after the copy was made must not be given out again, and nobody knows how many
/// they are. There is room for millions of such steps below the 2^53 up to which JavaScript counts exactly.
const SKIPPED: i64 = 1_000_000_000;

/// Writes a copy of the database, as it is at one moment, to `out`. A process may be using it meanwhile.
///
/// # Errors
/// A sentence: it cannot be read, there is no room for a draft beside it, or `out` takes no more.
pub fn backup(path: &Path, out: &mut dyn Write) -> Result<(), String> {
    if !path.exists() {
        return Err(format!("there is no database {}", path.display()));
    }
    let draft = beside(path, ".backup");
    let _lock = StoreLock::take(&draft)?;
    let copied = remove_if_there(&draft).map_err(Box::from).and_then(|()| copy(path, &draft, out));
    // Gone again, or the next backup removes it.
    let _ = fs::remove_file(&draft);
    copied.map_err(|error| format!("cannot copy {}: {error}{}", path.display(), hint(&*error)))
}

fn copy(path: &Path, draft: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let name = draft.to_str().ok_or("its name is no text")?;
    connection::reader(path)?.execute("VACUUM INTO ?1", [name])?;
    io::copy(&mut File::open(draft)?, out)?;
    Ok(out.flush()?)
}

/// Puts a copy that comes from `input` in the place of the database at `path`, which no process may be using, and
/// returns where the database that was there is kept now.
///
/// # Errors
/// A sentence: the database is in use, cannot be written, or `input` is no sound database of this schema. The
/// database is what it was.
pub fn restore(path: &Path, migrations: Migrations, input: &mut dyn Read) -> Result<Option<PathBuf>, String> {
    daemon::restore(path, input, &["-wal", "-shm"], |copy| {
        prepare(copy, path, migrations)
            .map_err(|error| format!("the copy cannot be used: {error}{}", hint(&*error)))?;
        fold_wal(path).map_err(|error| format!("cannot restore {}: {error}", path.display()))
    })
}

/// Has the one file of the database that is about to be replaced hold all that it says. Its WAL has to go before the
/// copy gets its name, and a kill between the two would leave a database without its last commits, served as if
/// it had never had them.
fn fold_wal(path: &Path) -> rusqlite::Result<()> {
    // A reader leaves the WAL alone. What is not there or is damaged is not served, but kept as it is.
    let found = connection::reader(path)
        .and_then(|db| db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)));
    if found.as_deref() != Ok("ok") {
        return Ok(());
    }
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    // The last to close it removes the WAL.
    db.close().map_err(|(_, error)| error)
}

/// Checks a copy, brings its schema up to date and moves its numbers on.
fn prepare(path: &Path, replaced: &Path, migrations: Migrations) -> Result<(), Box<dyn Error>> {
    check_is_whole(path)?;
    let copy = connect(path, Access::Existing, migrations)?;
    let found: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(format!("it is damaged: {}", found.replace('\n', " ")).into());
    }
    let mut like = Connection::open_in_memory()?;
    migrate(&mut like, migrations)?;
    if schema(&copy)? != schema(&like)? {
        return Err("it is the database of another service".into());
    }
    skip_numbers(&copy, replaced)?;
    // Closing would do the same, and hide a failure.
    copy.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Looks for what SQLite does not tell, or in its own words: what is missing of the last page it reads as zeros.
fn check_is_whole(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut file = File::open(path)?;
    // <https://sqlite.org/fileformat2.html>: the magic, and the size of a page.
    let mut header = [0; 18];
    if file.read_exact(&mut header).is_err() || !header.starts_with(b"SQLite format 3\0") {
        return Err("it is no SQLite database".into());
    }
    let page = u16::from_be_bytes([header[16], header[17]]);
    if file.metadata()?.len().checked_rem(page.into()) != Some(0) {
        return Err("it was cut short".into());
    }
    Ok(())
}

fn schema(db: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let mut tables = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
    tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Moves every AUTOINCREMENT on, past what the copy knows of and what the database that it replaces gave out: that
/// one may have come from the same copy.
fn skip_numbers(copy: &Connection, replaced: &Path) -> rusqlite::Result<()> {
    let numbered = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'";
    let tables: Vec<String> =
        copy.prepare(numbered)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        // A database that is not there, or is damaged, says nothing.
        let before = connection::reader(replaced).and_then(|db| given_out(&db, &table)).unwrap_or(0);
        let next = given_out(copy, &table)?.max(before).saturating_add(SKIPPED);
        copy.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [&table])?;
        copy.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (&table, next))?;
    }
    Ok(())
}

/// The last number of a table. SQLite keeps it in a table of its own, without a row for an empty one.
fn given_out(db: &Connection, table: &str) -> rusqlite::Result<i64> {
    let last = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
    db.query_row(last, [table], |row| row.get(0))
}
