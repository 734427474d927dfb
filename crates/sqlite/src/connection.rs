//! Opening a database so that it can be trusted.

use std::path::Path;
use std::time::Duration;

use anyhow::{anyhow, bail};
use daemon::files::sync_name;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, TransactionBehavior};

/// The statements that turn each version of a schema into the next; `user_version` counts them.
pub type Migrations = &'static [&'static str];

/// In earlier versions two writing connections could corrupt a WAL database
/// (<https://sqlite.org/wal.html>, "the WAL-reset bug").
const OLDEST_SQLITE: i32 = 3_051_003;
/// For another writing process (`auth grant`) to finish.
pub(crate) const BUSY_LIMIT: Duration = Duration::from_secs(2);
/// SQLite's own default for its automatic checkpoint: 1,000 pages, 4 MiB.
const CHECKPOINT_PAGES: i32 = 1000;

/// Opens a connection that writes. The file must exist; an empty file is an empty database.
///
/// # Errors
/// Returns an error message for the operator that names the file.
pub fn connect(path: &Path, migrations: Migrations) -> anyhow::Result<Connection> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        bail!("SQLite {} is too old to be trusted with a WAL", rusqlite::version());
    }
    open(path, migrations)
        .map_err(|error| anyhow!("cannot open the database {}: {error:#}{}", path.display(), hint(&error)))
}

/// Explains "disk I/O error" if more is known: SQLite could not extend the file beside the database in which processes
/// share the index of the WAL.
pub(crate) fn hint(error: &anyhow::Error) -> &'static str {
    match error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error) {
        Some(error) if error.extended_code == SQLITE_IOERR_SHMSIZE => "; the disk may be full",
        _ => "",
    }
}

fn open(path: &Path, migrations: Migrations) -> anyhow::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_LIMIT)?;
    // SQLite silently opens a file for reading if it cannot open it for writing.
    if connection.is_readonly(MAIN_DB)? {
        bail!("it cannot be written");
    }
    let mode = set_wal(&connection)?;
    if mode != "wal" {
        bail!("its journal mode is still `{mode}` after a change to `wal`");
    }
    connection.pragma_update(None, "synchronous", "full")?;
    // On macOS fsync leaves the data in the disk's own cache; these ask for the sync that does not. Elsewhere they do nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // Deleted content is overwritten with zeros, instead of staying in pages that wait for their next use.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.wal_hook(Some(checkpoint))?;
    migrate(&mut connection, migrations)?;
    // SQLite also syncs the folder after creating a file, but ignores the result.
    sync_name(path)?;
    Ok(connection)
}

/// Switches to the WAL and returns the resulting mode. SQLite answers first and commits the change afterwards: only
/// reading all rows shows that the commit failed.
fn set_wal(connection: &Connection) -> rusqlite::Result<String> {
    let mut pragma = connection.prepare("PRAGMA journal_mode = wal")?;
    let modes: Vec<String> = pragma.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(modes.concat())
}

/// Brings the schema up to date.
pub(crate) fn migrate(connection: &mut Connection, migrations: Migrations) -> anyhow::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let pending = migrations.get(version as usize..).ok_or_else(|| {
        anyhow!("it has schema version {version}, and this program knows {} at most", migrations.len())
    })?;
    // Without a write a service can start on a full disk, and serve reads.
    if pending.is_empty() {
        return Ok(());
    }
    for migration in pending {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", migrations.len() as u32)?;
    Ok(transaction.commit()?)
}

/// Copies the WAL into the database once it has grown. SQLite's automatic checkpoint is not used: it hides a failed
/// sync and retries later, when the kernel may report a success that never was.
fn checkpoint(wal: &mut Wal, pages: i32) -> rusqlite::Result<()> {
    if pages < CHECKPOINT_PAGES {
        return Ok(());
    }
    match wal.checkpoint() {
        // The commit itself is durable in the WAL. If the disk is full, the next commit reports it.
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::SystemIoFailure) => {
            tracing::debug!(%error, "the checkpoint is postponed");
            Ok(())
        }
        outcome => outcome,
    }
}

/// Opens a connection that only reads, with room for some 100,000 small rows of page cache.
pub(crate) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_LIMIT)?;
    connection.pragma_update(None, "cache_size", -8192)?;
    Ok(connection)
}
