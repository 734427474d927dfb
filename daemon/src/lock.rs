//! One `serve` a store: a second process on the same files is refused.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

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
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
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

/// Makes a folder for data, and those above it, where they are missing: for nobody else to read.
///
/// # Errors
/// A sentence that names the folder.
pub fn make_folder(path: &Path) -> Result<(), String> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| format!("cannot make the folder {}: {error}", path.display()))
}

/// The path of a file beside another: its name with something added.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
