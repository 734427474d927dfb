//! The copies of `health backup` and `health restore`. Whichever engine writes one or reads one, it is a log.

use std::io::{Read, Write};
use std::path::PathBuf;

use super::Location;
#[cfg(feature = "cluster")]
use super::cluster;
use crate::vitals::Vitals;

/// Writes a copy of the store, as of one moment, to `out`. Services may be running on the store.
///
/// # Errors
/// Returns an error message for the operator.
pub fn backup(location: &Location, out: &mut dyn Write) -> anyhow::Result<()> {
    match location {
        Location::File(path) => journal::backup::<Vitals>(path, out),
        #[cfg(feature = "cluster")]
        Location::Cluster(url) => cluster::backup(url, out),
    }
}

/// Replaces the log with a copy, see [`journal::restore`]; or fills an empty database of a cluster with it. Returns where
/// the previous log is kept, if one existed.
///
/// # Errors
/// Returns an error message for the operator; the store is then unchanged.
pub fn restore(location: &Location, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    match location {
        Location::File(path) => journal::restore::<Vitals>(path, input),
        #[cfg(feature = "cluster")]
        Location::Cluster(url) => cluster::restore(url, input).map(|()| None),
    }
}
