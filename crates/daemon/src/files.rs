//! Paths beside a store, and syncs that make names durable.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;

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

/// Makes the name of a file durable by syncing its folder.
///
/// # Errors
/// Returns an error if the folder cannot be opened or synced.
pub fn sync_name(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Creates a folder for data, and those above it, if missing: durable, and readable by its user only.
///
/// # Errors
/// Returns an error message for the operator that names the folder.
pub fn create_folder(path: &Path) -> anyhow::Result<()> {
    let missing: Vec<_> =
        path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
    let durable = created.and_then(|()| missing.into_iter().try_for_each(sync_name));
    durable.with_context(|| format!("cannot create the folder {}", path.display()))
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
