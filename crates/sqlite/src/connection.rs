//! Opening a database so that it can be trusted.

use std::path::Path;
use std::time::Duration;

use daemon::files::sync_name;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, TransactionBehavior};

/// The statements that make each version of a schema out of the one before; `user_version` counts them.
pub type Migrations = &'static [&'static str];

/// Before this one a WAL database that two connections write could be corrupted
/// (<https://sqlite.org/wal.html>, "the WAL-reset bug").
const OLDEST_SQLITE: i32 = 3_051_003;
/// For another process that writes (`auth grant`) to finish.
const BUSY_LIMIT: Duration = Duration::from_secs(2);
/// SQLite's own default for its automatic checkpoint: 1,000 pages, 4 MiB.
const CHECKPOINT_PAGES: i32 = 1000;

/// Whether a database that is not there may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Make it.
    Create,
    /// It must be there.
    Existing,
}

/// A connection that writes.
///
/// # Errors
/// A sentence that names the file.
pub fn connect(path: &Path, access: Access, migrations: Migrations) -> Result<Connection, String> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(format!("SQLite {} is too old to be trusted with a WAL", rusqlite::version()));
    }
    open(path, access, migrations)
        .map_err(|error| format!("cannot open the database {}: {error}{}", path.display(), hint(&*error)))
}

/// Where SQLite says no more than "disk I/O error" and more is known: the file beside the database in which
/// processes share the index of the WAL could not be made large enough.
pub(crate) fn hint(error: &(dyn std::error::Error + 'static)) -> &'static str {
    match error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error) {
        Some(error) if error.extended_code == SQLITE_IOERR_SHMSIZE => "; the disk may be full",
        _ => "",
    }
}

fn open(
    path: &Path,
    access: Access,
    migrations: Migrations,
) -> Result<Connection, Box<dyn std::error::Error>> {
    let create = if access == Access::Create { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_LIMIT)?;
    // Where it cannot open a file for writing SQLite opens it for reading, and does not say so.
    if connection.is_readonly(MAIN_DB)? {
        return Err("it cannot be written".into());
    }
    let mode = set_wal(&connection)?;
    if mode != "wal" {
        return Err(format!("its journal mode stays `{mode}` where `wal` is asked for").into());
    }
    connection.pragma_update(None, "synchronous", "full")?;
    connection.wal_hook(Some(checkpoint))?;
    migrate(&mut connection, migrations)?;
    // SQLite syncs the folder as well when it has made a file, but does not look at what comes of it.
    sync_name(path)?;
    Ok(connection)
}

/// Asks for the WAL and gives the mode that there is now. The answer comes before the commit that makes it true:
/// whoever does not read on to the end misses that this one failed.
fn set_wal(connection: &Connection) -> rusqlite::Result<String> {
    let mut pragma = connection.prepare("PRAGMA journal_mode = wal")?;
    let modes: Vec<String> = pragma.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(modes.concat())
}

pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: Migrations,
) -> Result<(), Box<dyn std::error::Error>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let pending = migrations.get(version as usize..).ok_or_else(|| {
        format!("it is of schema version {version}, and this program knows {} at most", migrations.len())
    })?;
    // Nothing is written then: a service starts on a full disk too, and reads go on.
    if pending.is_empty() {
        return Ok(());
    }
    for migration in pending {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", migrations.len() as u32)?;
    Ok(transaction.commit()?)
}

/// Copies the WAL into the database when it has grown, in place of SQLite's automatic checkpoint: that one
/// hides a failed sync, tries again later, and the kernel may then report a success that never was.
fn checkpoint(wal: &mut Wal, pages: i32) -> rusqlite::Result<()> {
    if pages < CHECKPOINT_PAGES {
        return Ok(());
    }
    match wal.checkpoint() {
        // The commit itself is durable in the WAL; without room for more the next commit will say so.
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::SystemIoFailure) => {
            tracing::debug!(%error, "the checkpoint is put off");
            Ok(())
        }
        outcome => outcome,
    }
}

/// A connection that only reads, with room for some 100,000 small rows of page cache.
pub(crate) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_LIMIT)?;
    connection.pragma_update(None, "cache_size", -8192)?;
    Ok(connection)
}
