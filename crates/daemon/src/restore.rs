//! Putting a copy in the place of a store. Whatever happens on the way, what the store held is there, whole: under
//! its own name or, from the moment that anything of it is touched, under the name that it is kept by.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::files::{beside, beside_now, remove_if_there, sync_name};
use crate::lock::StoreLock;

/// Puts what comes from `input` in the place of the store at `path`, which no process may be using, and returns
/// where the store that was there is kept now.
///
/// `prepare` looks at the copy, and may change it. `companions` are the suffixes of files that belong to the
/// store that is there: they are kept beside it.
///
/// # Errors
/// A sentence: the store is in use, cannot be written, or what `prepare` says. The store is what it was.
pub fn restore(
    path: &Path,
    input: &mut dyn Read,
    companions: &[&str],
    prepare: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<Option<PathBuf>, String> {
    let _lock = StoreLock::take(path)?;
    let copy = beside(path, ".restored");
    let remove =
        || companions.iter().chain(&[""]).try_for_each(|suffix| remove_if_there(&beside(&copy, suffix)));
    let failed = |error: io::Error| format!("cannot restore {}: {error}", path.display());
    // What is left of a restoration that a crash ended.
    remove().map_err(failed)?;
    let restored = receive(input, &copy)
        .map_err(failed)
        .and_then(|()| prepare(&copy))
        .and_then(|()| replace(path, &copy, companions).map_err(failed));
    // Gone already where it has the store's name now; or removed the next time.
    let _ = remove();
    restored
}

fn receive(input: &mut dyn Read, path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    io::copy(input, &mut file)?;
    file.sync_all()
}

fn replace(path: &Path, with: &Path, companions: &[&str]) -> io::Result<Option<PathBuf>> {
    let kept = beside_now(path, ".replaced");
    // All are kept before any of them goes.
    for suffix in companions.iter().chain(&[""]) {
        match fs::hard_link(beside(path, suffix), beside(&kept, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    sync_name(path)?;
    companions.iter().try_for_each(|suffix| remove_if_there(&beside(path, suffix)))?;
    fs::rename(with, path)?;
    sync_name(path)?;
    Ok(kept.exists().then_some(kept))
}
