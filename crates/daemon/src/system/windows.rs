//! Windows. A new file has the access rights of its folder: in a user's profile only that user, administrators and the
//! system can read it. There are no modes to set or to check.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
};

/// Leaves the access rights to the folder.
pub fn private_file(_options: &mut OpenOptions) {}

/// Leaves the access rights to the folder above.
pub fn private_folder(_builder: &mut DirBuilder) {}

/// Returns `None`: Windows has no modes.
pub fn mode(_metadata: &Metadata) -> Option<u32> {
    None
}

/// Does nothing: Windows has no modes.
///
/// # Errors
/// Never returns an error.
pub fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// Always returns an error: an owner has no number.
///
/// # Errors
/// Always returns an error.
pub fn owner(_path: &Path) -> io::Result<u32> {
    Err(ErrorKind::Unsupported.into())
}

/// Returns the same for all files, so that only a removed file is noticed, not a replaced one. The standard library has no
/// stable way to the number of a file, and the time of its creation is not steady on every file system.
pub const fn identity(_metadata: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Does nothing: a folder cannot be synced, and NTFS makes the changes of names durable by itself.
///
/// # Errors
/// Never returns an error.
pub fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Does nothing: a lock on Windows keeps every other handle from the content, those of a database and of `backup` too.
/// The lock beside the store remains.
///
/// # Errors
/// Never returns an error.
pub fn lock(_file: &File) -> Result<(), TryLockError> {
    Ok(())
}

/// Returns 0: sockets have no small numbers, and their number has no limit.
pub const fn descriptor<S>(_socket: &S) -> usize {
    0
}

/// Whether to set SO_REUSEADDR. On Windows it would let another program take the port while the service listens on it.
pub const fn allows_reuse() -> bool {
    false
}

/// The events that order a stop: Ctrl-C, Ctrl-Break, the window closed, the system shut down.
#[derive(Debug)]
pub struct Signals {
    interrupt: CtrlC,
    terminate: CtrlBreak,
    close: CtrlClose,
    shutdown: CtrlShutdown,
}

impl Signals {
    /// Begins to listen; the events no longer end the process.
    ///
    /// # Errors
    /// Returns an error if the system refuses.
    pub fn listen() -> io::Result<Self> {
        let (interrupt, terminate) = (ctrl_c()?, ctrl_break()?);
        Ok(Self { interrupt, terminate, close: ctrl_close()?, shutdown: ctrl_shutdown()? })
    }

    /// Waits for the next event.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.close.recv() => {}
            _ = self.shutdown.recv() => {}
        }
    }
}
