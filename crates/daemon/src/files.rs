//! Names, folders and what makes them durable.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The path of a file beside another: its name with something added.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The same, and never the same twice: the time in nanoseconds is added too.
pub fn beside_now(path: &Path, suffix: &str) -> PathBuf {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    beside(path, &format!("{suffix}-{time}"))
}

/// The folder that a path stands in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the name of a file durable: that takes a sync of its folder.
///
/// # Errors
/// The folder cannot be opened or synced.
pub fn sync_name(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Makes a folder for data, and those above it, where they are missing: durable, and for nobody else to read.
///
/// # Errors
/// A sentence that names the folder.
pub fn make_folder(path: &Path) -> Result<(), String> {
    let missing: Vec<_> =
        path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    let durable = made.and_then(|()| missing.into_iter().try_for_each(sync_name));
    durable.map_err(|error| format!("cannot make the folder {}: {error}", path.display()))
}

/// Removes a file.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
