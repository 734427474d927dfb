//! Where a store is, as environment variables say.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use daemon::config::{Reader, Variable, path};
use storage::is_cluster;

use crate::Url;

/// Where the password of a cluster is, if not in its address.
pub const PASSWORD_FILE: Variable = Variable {
    name: "PGPASSWORD_FILE",
    default: Some(""),
    meaning: "a file with the password of the cluster; or PGPASSWORD has it",
};

/// The name of a store on a cluster in messages: its address may hold a password.
pub const NAME: &str = "The database of the cluster";

/// Where a store is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file, for one process.
    File(PathBuf),
    /// A database of a cluster, for any number of replicas.
    Cluster(Url),
}

impl Location {
    /// Reads the variable of a store, and the password of a cluster; `None` if one of them is invalid.
    pub fn read(reader: &mut Reader<'_>, store: &Variable) -> Option<Self> {
        let given = reader.secret("PGPASSWORD");
        let password = reader.read(&PASSWORD_FILE, |file| password(file, given));
        let location = reader.read(store, |value| {
            if is_cluster(value) {
                let password = password.as_ref().and_then(Option::as_deref);
                return Url::parse(value, password).map(Self::Cluster);
            }
            path(value).map(Self::File)
        });
        password.and(location)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Cluster(_) => f.write_str(NAME),
        }
    }
}

/// Returns the password in a named file, without the line's end; if no file is named, the given password.
fn password(file: &str, given: Option<String>) -> Result<Option<String>, String> {
    if file.is_empty() {
        return Ok(given);
    }
    let text = fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"))?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}
