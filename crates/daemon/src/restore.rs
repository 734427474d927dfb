//! Replacing a store with a copy. Whatever interrupts it, the previous store is complete on the disk: under its own
//! name or, once any of it was touched, under the name that keeps it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::files::{beside, beside_now, make_private, private, remove_if_exists, sync_name};
use crate::lock::StoreLock;

/// Replaces the store at `path`, which no process may be using, with the copy read from `input`. Returns where the
/// previous store is kept, if one existed.
///
/// `prepare` receives the paths of the copy and of the store; it checks the copy and may change it. `companions` are the
/// suffixes of further files of the store; they are kept beside it.
///
/// # Errors
/// Returns an error message for the operator if the store is in use or cannot be written, or the error of `prepare`.
/// The store is then unchanged.
pub fn restore(
    path: &Path,
    input: &mut dyn Read,
    companions: &[&str],
    prepare: impl FnOnce(&Path, &Path) -> anyhow::Result<()>,
) -> anyhow::Result<Option<PathBuf>> {
    let lock = StoreLock::take(path)?;
    let path = lock.path();
    let what = || format!("cannot restore {}", path.display());
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        // Only a check: on some systems the lock would keep `prepare` from reading the store.
        found => lock.lock_file(&found.with_context(what)?)?,
    }
    let copy = beside(path, ".restored");
    let remove_copy =
        || companions.iter().chain(&[""]).try_for_each(|suffix| remove_if_exists(&beside(&copy, suffix)));
    // A crash may have left a copy behind.
    remove_copy().with_context(what)?;
    let restored = receive(input, &copy)
        .with_context(what)
        .and_then(|()| prepare(&copy, path))
        .and_then(|()| replace(path, &copy, companions).with_context(what));
    // After a success the copy has the store's name. If removing fails, the next restoration does it.
    let _ = remove_copy();
    restored
}

fn receive(input: &mut dyn Read, path: &Path) -> io::Result<()> {
    let mut file = private().write(true).create_new(true).open(path)?;
    io::copy(input, &mut file)?;
    file.sync_all()
}

fn replace(path: &Path, copy: &Path, companions: &[&str]) -> io::Result<Option<PathBuf>> {
    let kept = beside_now(path, ".replaced");
    // Every file gets its second name before any of them is removed.
    for suffix in companions.iter().chain(&[""]) {
        make_private(&beside(path, suffix));
        match fs::hard_link(beside(path, suffix), beside(&kept, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    sync_name(path)?;
    companions.iter().try_for_each(|suffix| remove_if_exists(&beside(path, suffix)))?;
    fs::rename(copy, path)?;
    sync_name(path)?;
    Ok(kept.exists().then_some(kept))
}
