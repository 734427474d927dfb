//! Where a store is, as an environment variable says.

use std::fmt;
use std::path::PathBuf;

use daemon::config::{Reader, Variable, path};

/// Where a store is, in a program without the feature `cluster`.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file, for one process.
    File(PathBuf),
}

impl Location {
    /// Reads the variable of a store; `None` if it is invalid.
    pub fn read(reader: &mut Reader<'_>, store: &Variable) -> Option<Self> {
        let file = |value: &str| {
            if is_cluster(value) {
                return Err("this program was built without the feature `cluster`".to_owned());
            }
            path(value)
        };
        reader.read(store, file).map(Self::File)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::File(path) = self;
        path.display().fmt(f)
    }
}

/// Returns whether a value is meant as the address of a cluster.
pub fn is_cluster(value: &str) -> bool {
    value.starts_with("postgres:") || value.starts_with("postgresql:")
}
