//! Copies for a store that is not on SQLite: a copy that is filled with its content, and a copy that it is filled from. A
//! copy is the same database that [`backup`] writes and [`restore`] reads, so it may come from either engine.

use std::io::{Read, Write};

use daemon::files::{TemporaryFolder, private};
use rusqlite::Connection;

use crate::connection::{Migrations, connect, reader};
use crate::copy::{Column, backup, restore};

/// Writes a copy to `out` that `fill` fills: it receives an empty database of this schema.
///
/// # Errors
/// Returns an error message for the operator, or the error of `fill`.
pub fn export(
    migrations: Migrations,
    out: &mut dyn Write,
    fill: impl FnOnce(&Connection) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let folder = TemporaryFolder::create()?;
    let path = folder.file("db");
    private().write(true).create_new(true).open(&path)?;
    let mut db = connect(&path, migrations)?;
    let transaction = db.transaction()?;
    fill(&transaction)?;
    transaction.commit()?;
    drop(db);
    backup(&path, out)
}

/// Checks a copy, migrates its schema and advances its numbers as [`restore`] does, and passes it to `read`.
///
/// # Errors
/// Returns the error message of [`restore`], or the error of `read`.
pub fn import<T>(
    migrations: Migrations,
    columns: &[Column],
    input: &mut dyn Read,
    read: impl FnOnce(&Connection) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let folder = TemporaryFolder::create()?;
    let path = folder.file("db");
    restore(&path, migrations, columns, input)?;
    read(&reader(&path)?)
}
