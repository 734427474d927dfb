//! The queries of lists.

use sqlite::rusqlite::{self, Connection, Params, params};

use crate::person::{Person, Viewer};

use super::accounts::owns_unclaimed;
use super::{Embedded, person};
use crate::store::pages::{Deletion, Part, fill};
use crate::store::{Identity, Refusal};

impl Embedded {
    pub(in crate::store) async fn page(
        &self,
        viewer: Viewer,
        after: i64,
        limit: u16,
    ) -> Result<Part<Person>, Refusal> {
        let mut usernames = false;
        if self.has_unclaimed && self.database.read(|db| owns_unclaimed(db, &viewer))? {
            usernames = !self.claim(viewer.clone()).await;
        }
        let query = move |db: &Connection| {
            let Viewer { uid, username, is_administrator } = viewer;
            if is_administrator {
                let all = "SELECT id, name, owner, version, owner_uid FROM person
                           WHERE id > ?1 ORDER BY id LIMIT ?2";
                persons(db, all, params![after, limit + 1], limit)
            } else if usernames {
                // Both parts are read in the order of an index, as far as the page goes.
                let both =
                    "SELECT id, name, owner, version, owner_uid FROM person WHERE owner_uid = ?3 AND id > ?1
                            UNION ALL
                            SELECT id, name, owner, version, owner_uid FROM person
                            WHERE owner_uid IS NULL AND owner = ?4 AND id > ?1
                            ORDER BY id LIMIT ?2";
                persons(db, both, params![after, limit + 1, uid, username], limit)
            } else {
                let own = "SELECT id, name, owner, version, owner_uid FROM person
                           WHERE owner_uid = ?3 AND id > ?1 ORDER BY id LIMIT ?2";
                persons(db, own, params![after, limit + 1, uid], limit)
            }
        };
        Ok(self.database.scan(query).await?)
    }

    pub(in crate::store) async fn deletions(
        &self,
        after: i64,
        limit: u16,
    ) -> Result<(Identity, Part<Deletion>), Refusal> {
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
        Ok((self.identity(), self.database.scan(query).await??))
    }
}

/// Returns a page of the persons that a statement selects.
fn persons(db: &Connection, sql: &str, values: impl Params, limit: u16) -> rusqlite::Result<Part<Person>> {
    fill(db.prepare_cached(sql)?.query_map(values, person)?, limit, Person::json_bytes)
}
