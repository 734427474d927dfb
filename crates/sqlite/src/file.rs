//! The file of an open database, its lock, and the files that SQLite keeps beside it.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use daemon::Named;
use daemon::files::{beside, make_private, owner_hint, private, resolve};
use daemon::lock::StoreLock;
use rusqlite::{Connection, ErrorCode};

use crate::connection::reader;

/// The suffixes of the files beside a database.
pub(crate) const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// For a connection of another process that is closing: it locks everybody out for a moment.
const PROBE_LIMIT: Duration = Duration::from_millis(500);

/// The file of a database, locked whatever its name.
///
/// It must be opened before every connection and closed after the last: closing any descriptor of a file releases the
/// locks of the whole process that SQLite has taken inside it (<https://sqlite.org/howtocorrupt.html>, section 2.2).
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    file: File,
    was_empty: bool,
    lock: StoreLock,
}

impl DatabaseFile {
    /// Opens the file, creating an empty one if missing.
    ///
    /// # Errors
    /// Returns an error message for the operator if another process uses the file, or if it cannot be opened.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let lock = StoreLock::take(path)?;
        let path = lock.path();
        let found = private().read(true).write(true).create(true).truncate(false).open(path);
        let failed = |error: io::Error| {
            anyhow!("cannot open the database {}: {error}{}", path.display(), owner_hint(path, &error))
        };
        let file = found.map_err(failed)?;
        lock.lock_file(&file)?;
        if !locks_are_apart(path) {
            tracing::info!("this system cannot lock {} itself: only its name is locked", path.display());
            file.unlock().map_err(failed)?;
        }
        // SQLite gives the files beside it the same mode.
        COMPANIONS.iter().chain(&[""]).for_each(|suffix| make_private(&beside(path, suffix)));
        let was_empty = file.metadata().map_err(failed)?.len() == 0;
        Ok(Self { file, was_empty, lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.lock.path()
    }

    pub(crate) fn was_empty(&self) -> bool {
        self.was_empty
    }

    /// Returns the names of the database and of the files beside it, which exist once a connection is open.
    pub(crate) fn with_companions(&self) -> io::Result<Files> {
        let mut files = vec![Named::new(self.path(), &self.file.metadata()?)];
        for suffix in COMPANIONS {
            let companion = beside(self.path(), suffix);
            files.push(Named::new(&companion, &fs::metadata(&companion)?));
        }
        Ok(Files(files))
    }
}

/// Checks that a database that a process has open has this name, for a command that works beside the process: a hard link
/// does not lead to the WAL with the last commits. Call it while this process has no connection to the database: closing
/// the file releases the locks of the whole process.
///
/// # Errors
/// Returns an error message for the operator if the file cannot be opened, or if it is open under another name.
pub fn check_name(path: &Path) -> anyhow::Result<()> {
    let what = || format!("cannot open {}", path.display());
    let path = resolve(path).with_context(what)?;
    let file = File::open(&path).with_context(what)?;
    // An open database has a WAL.
    if file.try_lock_shared().is_err() && !beside(&path, "-wal").exists() {
        bail!("{} is in use by another process under another name: use that name", path.display());
    }
    Ok(())
}

/// Returns whether SQLite can still lock the file. Local file systems of Linux do not let the two kinds of locks (flock
/// and fcntl) meet. NFS and the systems that descend from BSD know one kind only: there ours keeps SQLite out.
fn locks_are_apart(path: &Path) -> bool {
    let read = |db: Connection| {
        db.busy_timeout(PROBE_LIMIT)?;
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    };
    // Any other error is found, and explained, by the connection that writes.
    !reader(path)
        .and_then(read)
        .is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
}

/// The files of an open database.
#[derive(Debug, Clone)]
pub(crate) struct Files(Vec<Named>);

impl Files {
    /// Checks that each is still the file with its name.
    ///
    /// # Errors
    /// Returns an error message for the operator that names the file.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.0.iter().try_for_each(Named::check)
    }
}
