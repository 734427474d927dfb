//! `health adopt`: when person's database is lost for good, the owners of the records are unknown. The operator then
//! accepts the new database, and the records are set aside.

use anyhow::anyhow;
use journal::{Mark, read_mark, start_over};

use crate::config::Config;
use crate::feed::Feed;
use crate::identity::Comparison;
use crate::vitals::Vitals;

/// Asks person for the identity of its database. If health's records belong to another database, replaces the log with
/// an empty one that belongs to this database. Returns a message for the operator.
///
/// # Errors
/// Returns an error message for the operator if person does not answer, or if the log is in use, damaged or missing.
/// The log is then unchanged.
pub fn adopt(Config { file, person_url, keys, .. }: Config) -> anyhow::Result<String> {
    let remembered = read_mark::<Vitals>(&file)?.origin;
    let file_name = file.display();
    let Some(remembered) = remembered else {
        return Ok(format!("{file_name} belongs to no database of person yet; nothing was changed.\n"));
    };
    let feed = Feed::new(&person_url, keys);
    let asked = feed.page(0, &feed.token()).and_then(|page| page.ok_or_else(|| "no feed".to_owned()));
    let identity = asked.map_err(|error| anyhow!("cannot ask person at {person_url}: {error}"))?.identity;
    if identity.compare(Some(&remembered)) == Comparison::Same {
        return Ok(format!("{file_name} belongs to this database of person already; nothing was changed.\n"));
    }
    // The feed of the new database is read from its beginning.
    let (records, kept) = start_over::<Vitals>(&file, Mark { cursor: 0, origin: identity.0 })?;
    let kept = kept.display();
    Ok(format!(
        "{file_name} belongs to the new database of person now; records set aside: {records}, kept in {kept}.\n"
    ))
}
