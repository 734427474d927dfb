//! The copies of `health backup` and `health restore`. Whichever engine writes one or reads one, it is a log.

use std::io::{Read, Write};
use std::path::PathBuf;

use super::Location;
use crate::vitals::Vitals;

/// Writes a copy of the store, as of one moment, to `out`. Services may be running on the store.
///
/// # Errors
/// Returns an error message for the operator.
pub fn backup(location: &Location, out: &mut dyn Write) -> anyhow::Result<()> {
    match location {
        Location::File(path) => journal::backup::<Vitals>(path, out),
        #[cfg(feature = "cluster")]
        Location::Cluster(_) => anyhow::bail!("a cluster cannot be copied yet"),
    }
}

/// Replaces the log with a copy, see [`journal::restore`]. Returns where the previous log is kept, if one existed.
///
/// # Errors
/// Returns an error message for the operator; the store is then unchanged.
pub fn restore(location: &Location, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    match location {
        Location::File(path) => journal::restore::<Vitals>(path, input),
        #[cfg(feature = "cluster")]
        Location::Cluster(_) => anyhow::bail!("a copy cannot be restored into a cluster yet"),
    }
}
