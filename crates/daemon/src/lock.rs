//! One process for each store: a second one on the same files is refused.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};

use crate::files::{beside, create_folder, folder_of, make_private, owner_hint, private, resolve};
use crate::system;

/// For a predecessor that is ending. A child process that it starts may also hold the lock for a moment.
const TIME_LIMIT: Duration = Duration::from_millis(500);
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// Held while a store is open. The kernel releases it however the process ends.
#[derive(Debug)]
pub struct StoreLock {
    path: PathBuf,
    #[expect(dead_code, reason = "the lock lives as long as the open file")]
    file: File,
}

impl StoreLock {
    /// Locks the store at `path` through a file beside it, `<path>.lock`; creates the folder if missing.
    ///
    /// # Errors
    /// Returns an error message for the operator if another process holds the lock, or if it cannot be taken.
    pub fn take(path: &Path) -> anyhow::Result<Self> {
        create_folder(folder_of(path))?;
        let path = resolve(path).with_context(|| format!("cannot find the folder of {}", path.display()))?;
        let lock = beside(&path, ".lock");
        let file = private().create(true).truncate(false).write(true).open(&lock).map_err(|error| {
            anyhow!("cannot write to {}: {error}{}", lock.display(), owner_hint(&lock, &error))
        })?;
        make_private(&lock);
        wait_for(&path, || file.try_lock())?;
        Ok(Self { path, file })
    }

    /// Returns the path of the store without symbolic links: the only one to open it with.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Locks the open file of the store too, until it is closed: the file may have a second name with its own lock
    /// beside it (a hard link, a mount), or the lock beside it may have been removed.
    ///
    /// # Errors
    /// Returns an error message for the operator if another process holds the lock, or if it cannot be taken.
    pub fn lock_file(&self, file: &File) -> anyhow::Result<()> {
        wait_for(&self.path, || system::lock(file))
    }
}

fn wait_for(path: &Path, try_lock: impl Fn() -> Result<(), TryLockError>) -> anyhow::Result<()> {
    let start = Instant::now();
    loop {
        match try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if start.elapsed() < TIME_LIMIT => thread::sleep(RETRY_AFTER),
            Err(TryLockError::WouldBlock) => bail!("{} is in use by another process", path.display()),
            Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", path.display()),
        }
    }
}
