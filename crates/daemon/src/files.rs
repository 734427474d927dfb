//! The files of a store: their paths, their modes, and syncs that make names durable.

use std::env;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow};

use crate::system;

/// Returns the path of a file beside another: its name with a suffix added.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns a path like that of [`beside`] that was never used before: the time in nanoseconds is added too.
pub fn beside_now(path: &Path, suffix: &str) -> PathBuf {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    beside(path, &format!("{suffix}-{time}"))
}

/// Returns the folder of a path.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns the path of a file without symbolic links, so that each file has one path, and so that a rename replaces the
/// file and not a link to it. The file may be missing, but not its folder.
///
/// # Errors
/// Returns an error if the path leads to no folder.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        found => return found,
    }
    // A link to a missing file: the file is created where the link points.
    if let Ok(target) = fs::read_link(path) {
        return resolve(&folder_of(path).join(target));
    }
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
    Ok(fs::canonicalize(folder_of(path))?.join(name))
}

/// Returns the options that create a file which only its user can read.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    system::private_file(&mut options);
    options
}

/// Makes a file readable by its user only, if it exists: an earlier version may have created it for all to read.
pub fn make_private(path: &Path) {
    let mode = fs::metadata(path).ok().and_then(|found| system::mode(&found));
    if mode.is_some_and(|mode| mode & 0o077 != 0) {
        // This fails if the file belongs to somebody else, who then decides its mode.
        let _ = system::set_mode(path, 0o600);
    }
}

/// Makes the name of a file durable by syncing its folder.
///
/// # Errors
/// Returns an error if the folder cannot be opened or synced.
pub fn sync_name(path: &Path) -> io::Result<()> {
    system::sync_folder(folder_of(path))
}

/// Creates a folder for data, and those above it, if missing: durable, and readable by its user only.
///
/// # Errors
/// Returns an error message for the operator that names the folder.
pub fn create_folder(path: &Path) -> anyhow::Result<()> {
    let missing: Vec<_> =
        path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    let created = private_folder().recursive(true).create(path);
    let durable = created.and_then(|()| missing.into_iter().try_for_each(sync_name));
    durable.map_err(|error| {
        anyhow!("cannot create the folder {}: {error}{}", path.display(), owner_hint(path, &error))
    })
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    system::private_folder(&mut builder);
    builder
}

/// A new folder for temporary files, readable by its user only. Dropping it removes it; a killed process leaves it.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Creates the folder, in the folder of `TMPDIR`.
    ///
    /// # Errors
    /// Returns an error message for the operator that names the folder.
    pub fn create() -> anyhow::Result<Self> {
        let path = beside_now(&env::temp_dir().join("copy"), "");
        let created = private_folder().create(&path);
        created.with_context(|| format!("cannot create {}; TMPDIR names another folder", path.display()))?;
        Ok(Self(path))
    }

    /// Returns the path of a file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // If removing fails, the folder stays as after a kill.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Explains a refused permission if the file, or the folder of a missing file, belongs to another user: after a start as
/// root, or on a volume that another program made.
pub fn owner_hint(path: &Path, error: &io::Error) -> String {
    let existing = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    // `/proc/self` belongs to the user of the process. macOS has no such folder, and then only the owner is named.
    match (error.kind(), system::owner(existing), system::owner(Path::new("/proc/self"))) {
        (ErrorKind::PermissionDenied, Ok(owner), Ok(own)) if owner != own => {
            format!("; {} belongs to the user {owner}, and this process runs as {own}", existing.display())
        }
        (ErrorKind::PermissionDenied, Ok(owner), Err(_)) => {
            format!("; {} belongs to the user {owner}", existing.display())
        }
        _ => String::new(),
    }
}

/// Removes a file if it exists.
///
/// # Errors
/// Returns an error if the file exists and cannot be removed.
pub fn remove_if_exists(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
