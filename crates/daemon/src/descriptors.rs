//! The limit of open files.

use anyhow::Context as _;

/// Enough for the connections of three services in one process, and for their stores.
const WANTED: u64 = 4096;

/// Raises the soft limit of this process towards the hard one, and returns the resulting limit.
///
/// # Errors
/// Returns an error message for the operator if the limit cannot be read or set.
pub fn raise_descriptor_limit() -> anyhow::Result<usize> {
    let limit = rlimit::increase_nofile_limit(WANTED).context("cannot set the limit of open files")?;
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}
