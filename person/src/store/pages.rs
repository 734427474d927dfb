//! Lists in pages, each bounded by the number of its items and by its bytes: a thousand clients may hold a page each.

use serde::Serialize;
use sqlite::rusqlite::{self, Connection, params};

use crate::person::{Person, Viewer};

use super::accounts::owns_unclaimed;
use super::{Refusal, Store, person};

/// The longest page in JSON. A thousand persons with names of usual length fit, and a thousand deletions always.
const BYTES: usize = 64 * 1024;

/// A part of a list.
#[derive(Debug)]
pub struct Part<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether more items follow.
    pub more: bool,
}

/// The deletion of a person.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Deletion {
    /// The number of the deletion.
    pub seq: i64,
    /// The id of the deleted person.
    pub id: i64,
}

impl Deletion {
    /// The most bytes that a deletion takes in a JSON array.
    const JSON_BYTES: usize = r#"{"seq":9223372036854775807,"id":9223372036854775807},"#.len();
}

impl Store {
    /// Returns at most `limit` persons that the viewer may see, in the order of their ids, after the id `after`.
    pub async fn page(&self, viewer: Viewer, after: i64, limit: u16) -> Result<Part<Person>, Refusal> {
        let mut usernames = false;
        if self.has_unclaimed && self.database.read(|db| owns_unclaimed(db, &viewer))? {
            usernames = !self.claim(viewer.clone()).await;
        }
        let query = move |db: &Connection| {
            let Viewer { uid, username, is_administrator } = viewer;
            if is_administrator {
                let all = "SELECT id, name, owner, version, owner_uid FROM person
                           WHERE id > ?1 ORDER BY id LIMIT ?2";
                fill(
                    db.prepare_cached(all)?.query_map(params![after, limit + 1], person)?,
                    limit,
                    Person::json_bytes,
                )
            } else if usernames {
                // Both parts are read in the order of an index, as far as the page goes.
                let both =
                    "SELECT id, name, owner, version, owner_uid FROM person WHERE owner_uid = ?3 AND id > ?1
                            UNION ALL
                            SELECT id, name, owner, version, owner_uid FROM person
                            WHERE owner_uid IS NULL AND owner = ?4 AND id > ?1
                            ORDER BY id LIMIT ?2";
                let mut both = db.prepare_cached(both)?;
                fill(
                    both.query_map(params![after, limit + 1, uid, username], person)?,
                    limit,
                    Person::json_bytes,
                )
            } else {
                let own = "SELECT id, name, owner, version, owner_uid FROM person
                           WHERE owner_uid = ?3 AND id > ?1 ORDER BY id LIMIT ?2";
                fill(
                    db.prepare_cached(own)?.query_map(params![after, limit + 1, uid], person)?,
                    limit,
                    Person::json_bytes,
                )
            }
        };
        Ok(self.database.scan(query).await?)
    }

    /// Returns at most `limit` deletions in order, after the number `after`. A number that this database never gave
    /// out is refused: its reader has followed another database, and would miss deletions.
    pub async fn deletions(&self, after: i64, limit: u16) -> Result<Part<Deletion>, Refusal> {
        let query = move |db: &Connection| {
            let mut deleted =
                db.prepare_cached("SELECT seq, id FROM deleted WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
            let rows = deleted.query_map(params![after, limit + 1], |row| {
                Ok(Deletion { seq: row.get(0)?, id: row.get(1)? })
            })?;
            let page = fill(rows, limit, |_| Deletion::JSON_BYTES)?;
            if page.items.is_empty() {
                // SQLite has no row here before the first deletion.
                let last: i64 = db
                    .prepare_cached("SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'deleted'")?
                    .query_row([], |row| row.get(0))?;
                if after > last {
                    return Ok(Err(Refusal::Beyond(last)));
                }
            }
            Ok(Ok(page))
        };
        self.database.scan(query).await?
    }
}

/// Reads one row more than `limit`, or as many as their bytes allow.
fn fill<T>(
    rows: impl Iterator<Item = rusqlite::Result<T>>,
    limit: u16,
    json_bytes: impl Fn(&T) -> usize,
) -> rusqlite::Result<Part<T>> {
    let (mut items, mut bytes) = (Vec::new(), "[]\n".len());
    for item in rows {
        let item = item?;
        bytes += json_bytes(&item);
        if items.len() == usize::from(limit) || bytes > BYTES {
            return Ok(Part { items, more: true });
        }
        items.push(item);
    }
    Ok(Part { items, more: false })
}
