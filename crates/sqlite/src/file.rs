//! The file of an open database, locked, and those that SQLite keeps beside it.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::anyhow;
use daemon::Named;
use daemon::files::{beside, make_private, owner_hint, private};
use daemon::lock::StoreLock;

/// The suffixes of the files beside a database.
pub(crate) const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

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
        let found = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => create(path),
            found => found,
        };
        let failed = |error: io::Error| {
            anyhow!("cannot open the database {}: {error}{}", path.display(), owner_hint(path, &error))
        };
        let file = found.map_err(failed)?;
        lock.lock_file(&file)?;
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

fn create(path: &Path) -> io::Result<File> {
    private().read(true).write(true).create_new(true).open(path)
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
