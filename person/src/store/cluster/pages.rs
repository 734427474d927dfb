//! The queries of lists.

use super::{Cluster, person, without_identity};
use crate::person::{Person, Viewer};
use crate::store::pages::{Deletion, Part, fill};
use crate::store::{Identity, Refusal};

impl Cluster {
    pub(in crate::store) async fn page(
        &self,
        viewer: Viewer,
        after: i64,
        limit: u16,
    ) -> Result<Part<Person>, Refusal> {
        let most = i64::from(limit) + 1;
        let rows = if viewer.is_administrator {
            let sql =
                "SELECT id, name, owner, version, owner_uid FROM person WHERE id > $1 ORDER BY id LIMIT $2";
            self.database.read(sql, &[&after, &most]).await?
        } else {
            let sql = "SELECT id, name, owner, version, owner_uid FROM person
                       WHERE owner_uid = $3 AND id > $1
                       UNION ALL
                       SELECT id, name, owner, version, owner_uid FROM person
                       WHERE owner_uid IS NULL AND owner = $4 AND id > $1
                       ORDER BY id LIMIT $2";
            self.database.read(sql, &[&after, &most, &viewer.uid, &viewer.username]).await?
        };
        let part = fill::<_, Refusal>(rows.iter().map(|row| Ok(person(row))), limit, Person::json_bytes)?;
        self.claim_any(&viewer, part.items.iter()).await;
        Ok(part)
    }

    pub(in crate::store) async fn deletions(
        &self,
        after: i64,
        limit: u16,
    ) -> Result<(Identity, Part<Deletion>), Refusal> {
        // One statement, so one state of the database: its identity, its last number, and the page.
        let sql = "SELECT uuid, last, seq, page.id FROM identity CROSS JOIN deletions
                   LEFT JOIN (SELECT seq, id FROM deleted WHERE seq > $1 ORDER BY seq LIMIT $2) AS page ON true
                   ORDER BY seq";
        let rows = self.database.read(sql, &[&after, &(i64::from(limit) + 1)]).await?;
        let first = rows.first().ok_or_else(without_identity)?;
        let last: i64 = first.get(1);
        if after > last {
            return Err(Refusal::Beyond(last));
        }
        let found = rows
            .iter()
            .filter_map(|row| Some(Deletion { seq: row.get::<_, Option<i64>>(2)?, id: row.get(3) }));
        let part = fill(found.map(Ok::<_, Refusal>), limit, |_| Deletion::JSON_BYTES)?;
        Ok((first.get::<_, String>(0).into(), part))
    }
}
