//! One process for each store: a second one on the same files is refused.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::files::{beside, create_folder, folder_of};

/// For a predecessor that is ending. A child process that it starts may also hold the lock for a moment.
const TIME_LIMIT: Duration = Duration::from_millis(500);
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// Held while a store is open. The kernel releases it however the process ends.
#[derive(Debug)]
pub struct StoreLock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

impl StoreLock {
    /// Locks the store at `path` through a file beside it, `<path>.lock`; creates the folder if missing.
    ///
    /// # Errors
    /// Returns an error message for the operator if another process holds the lock, or if it cannot be taken.
    pub fn take(path: &Path) -> anyhow::Result<Self> {
        create_folder(folder_of(path))?;
        let lock = beside(path, ".lock");
        let file = File::options().create(true).truncate(false).write(true).open(&lock);
        let file = file.with_context(|| format!("cannot write to {}", lock.display()))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if start.elapsed() < TIME_LIMIT => thread::sleep(RETRY_AFTER),
                Err(TryLockError::WouldBlock) => bail!("{} is in use by another process", path.display()),
                Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", lock.display()),
            }
        }
    }
}
