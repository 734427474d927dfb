//! Whether a store is still the file that was opened.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::system::identity;

/// The path of a file of a store, and the file that had this path when the store was opened.
///
/// Writes to a file that was removed or replaced still succeed, and the next start does not find them. So a store checks
/// its files between a write and the acknowledgement. The file must stay open: the kernel reuses the number of a closed
/// one.
#[derive(Debug, Clone)]
pub struct Named {
    path: PathBuf,
    /// Device and inode; on Windows always the same.
    file: (u64, u64),
}

impl Named {
    /// Describes the open file with this path and metadata.
    pub fn new(path: &Path, metadata: &Metadata) -> Self {
        Self { path: path.to_owned(), file: identity(metadata) }
    }

    /// Checks that the path still leads to the file.
    ///
    /// # Errors
    /// Returns an error message for the operator that names the path.
    pub fn check(&self) -> Result<(), String> {
        let what = match fs::metadata(&self.path) {
            Ok(found) if identity(&found) == self.file => return Ok(()),
            Ok(_) => "was replaced by another file while it was open".to_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => "was removed while it was open".to_owned(),
            Err(error) => format!("can no longer be found: {error}"),
        };
        Err(format!("{} {what}; no further write is acknowledged", self.path.display()))
    }
}
