//! The copies of `person backup` and `person restore`. Whichever engine writes one or reads one, it is an SQLite database.

use std::io::{Read, Write};
use std::path::PathBuf;

use sqlite::Column;

use super::Location;
#[cfg(feature = "cluster")]
use super::cluster;
use super::embedded::MIGRATIONS;

/// The numbers that a restored copy must advance, besides every AUTOINCREMENT.
pub(super) const NUMBERS: &[Column] = &[Column { table: "person", name: "version" }];

/// Writes a copy of the store, as of one moment, to `out`. Services may be running on the store.
///
/// # Errors
/// Returns an error message for the operator.
pub fn backup(location: &Location, out: &mut dyn Write) -> anyhow::Result<()> {
    match location {
        Location::File(path) => sqlite::backup(path, out),
        #[cfg(feature = "cluster")]
        Location::Cluster(url) => cluster::backup(url, out),
    }
}

/// Replaces the database with a copy, see [`sqlite::restore`]; or fills an empty database of a cluster with it. Returns
/// where the previous database is kept, if one existed.
///
/// # Errors
/// Returns an error message for the operator; the store is then unchanged.
pub fn restore(location: &Location, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    match location {
        Location::File(path) => sqlite::restore(path, MIGRATIONS, NUMBERS, input),
        #[cfg(feature = "cluster")]
        Location::Cluster(url) => cluster::restore(url, input).map(|()| None),
    }
}
