//! `health adopt`: when person's database is lost for good, the owners of the records are unknown. The operator then
//! accepts the new database, and the records are set aside.

use std::path::Path;

use anyhow::anyhow;
use journal::{Mark, read_mark, start_over};

use crate::config::Config;
use crate::feed::Feed;
use crate::identity::{Comparison, Identity};
use crate::store::Location;
use crate::vitals::Vitals;

/// Asks person for the identity of its database. If health's records belong to another database, sets them aside, so that
/// the store belongs to this database. Returns a message for the operator.
///
/// # Errors
/// Returns an error message for the operator if person does not answer, if the log is in use, damaged or missing, or if
/// the cluster cannot be reached. The store is then unchanged.
pub fn adopt(Config { file, person_url, keys, .. }: Config) -> anyhow::Result<String> {
    let ask = || {
        let feed = Feed::new(&person_url, keys);
        let asked = feed.page(0, &feed.token()).and_then(|page| page.ok_or_else(|| "no feed".to_owned()));
        let page = asked.map_err(|error| anyhow!("cannot ask person at {person_url}: {error}"))?;
        Ok(page.identity)
    };
    match file {
        Location::File(path) => adopt_on_file(&path, ask),
        #[cfg(feature = "cluster")]
        Location::Cluster(url) => crate::store::cluster::adopt(url, ask),
    }
}

fn adopt_on_file(path: &Path, ask: impl FnOnce() -> anyhow::Result<Identity>) -> anyhow::Result<String> {
    let remembered = read_mark::<Vitals>(path)?.origin;
    let name = path.display();
    let Some(remembered) = remembered else { return Ok(belongs_to_none(&name)) };
    let identity = ask()?;
    if identity.compare(Some(&remembered)) == Comparison::Same {
        return Ok(belongs_already(&name));
    }
    // The feed of the new database is read from its beginning.
    let (records, kept) = start_over::<Vitals>(path, Mark { cursor: 0, origin: identity.0 })?;
    let kept = kept.display();
    Ok(format!(
        "{name} belongs to the new database of person now; records set aside: {records}, kept in {kept}.\n"
    ))
}

pub(crate) fn belongs_to_none(store: &dyn std::fmt::Display) -> String {
    format!("{store} belongs to no database of person yet; nothing was changed.\n")
}

pub(crate) fn belongs_already(store: &dyn std::fmt::Display) -> String {
    format!("{store} belongs to this database of person already; nothing was changed.\n")
}
