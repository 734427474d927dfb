//! Unix.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Makes the file to be created readable and writable by its user only.
pub fn private_file(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// Makes the folder to be created accessible to its user only.
pub fn private_folder(builder: &mut DirBuilder) {
    builder.mode(0o700);
}

/// Returns the permissions of a file: nine bits.
pub fn mode(metadata: &Metadata) -> Option<u32> {
    Some(metadata.permissions().mode() & 0o777)
}

/// Sets the permissions of a file.
///
/// # Errors
/// Returns an error if the file belongs to another user.
pub fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Returns the number of the user that owns a file.
///
/// # Errors
/// Returns an error if the file cannot be found.
pub fn owner(path: &Path) -> io::Result<u32> {
    fs::metadata(path).map(|found| found.uid())
}

/// Returns device and inode: two files that are open at the same time have different ones.
pub fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Makes the names of the files in a folder durable.
///
/// # Errors
/// Returns an error if the folder cannot be opened or synced.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Locks the open file of a store against other processes that do the same.
///
/// # Errors
/// Returns an error if another process holds the lock, or if it cannot be taken.
pub fn lock(file: &File) -> Result<(), TryLockError> {
    file.try_lock()
}

/// Returns the number of a socket: the lowest that was free.
pub fn descriptor<S: AsRawFd>(socket: &S) -> usize {
    usize::try_from(socket.as_raw_fd()).unwrap_or(usize::MAX)
}

/// Whether to set SO_REUSEADDR. Without it a restart fails while old connections are in TIME_WAIT.
pub const fn allows_reuse() -> bool {
    true
}

/// The signals that order a stop: SIGTERM and SIGINT.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen; the signals no longer end the process.
    ///
    /// # Errors
    /// Returns an error if the system refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
