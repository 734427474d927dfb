//! One `serve` a store: a second process on the same files is refused.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::files::{beside, folder_of, make_folder};

/// For a predecessor that is just ending, or a process that it was starting and that holds its files until then.
const WAIT: Duration = Duration::from_millis(500);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// Held as long as the store is open. The kernel lets go of it however the process ends.
#[derive(Debug)]
pub struct StoreLock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

impl StoreLock {
    /// Locks the store at `path` by a file beside it, `<path>.lock`, and makes the folder where it is missing.
    ///
    /// # Errors
    /// A sentence that says who is in the way.
    pub fn take(path: &Path) -> Result<Self, String> {
        make_folder(folder_of(path))?;
        let lock = beside(path, ".lock");
        let file = File::options().create(true).truncate(false).write(true).open(&lock);
        let file = file.map_err(|error| format!("cannot write to {}: {error}", lock.display()))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if start.elapsed() < WAIT => thread::sleep(LOOK_AGAIN_AFTER),
                Err(TryLockError::WouldBlock) => {
                    return Err(format!("{} is in use by another process", path.display()));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(format!("cannot lock {}: {error}", lock.display()));
                }
            }
        }
    }
}
