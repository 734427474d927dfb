//! The records of deleted persons are erased, by whichever replica comes first.

use postgres::{Decision, Failure, Job, Session};
use storage::{Id, StoreError};

use super::{Cluster, Position, remember};
use crate::feed::Page;
use crate::identity::Replaced;

/// What became of a page of deletions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Erased {
    /// So many records were erased, and the cursor is at the end of the page.
    Records(usize),
    /// Another replica is erasing, or has erased since the page was asked for.
    Elsewhere,
}

impl Cluster {
    /// Erases the records of a page that was asked for at this cursor, and moves the cursor.
    ///
    /// # Errors
    /// Returns the error of the store. The cursor may have moved if the outcome of the commit is unknown.
    pub(crate) async fn erase(
        &self,
        page: &Page,
        after: i64,
    ) -> Result<Result<Erased, Replaced>, StoreError> {
        let mut ids: Vec<i64> = page.ids.iter().copied().map(Id::get).collect();
        ids.sort_unstable();
        ids.dedup();
        self.database.write(&Erasure { page, ids, after }).await
    }

    /// Begins the feed again, unless another replica has moved the cursor.
    pub(crate) async fn rewind(&self, from: i64) -> Result<(), StoreError> {
        self.database.write(&Rewind(from)).await
    }
}

struct Erasure<'p> {
    page: &'p Page,
    /// Those of the page, in order.
    ids: Vec<i64>,
    after: i64,
}

impl Job for Erasure<'_> {
    type Output = Result<Erased, Replaced>;

    async fn run(&self, session: &Session) -> Result<Decision<Self::Output>, Failure> {
        // Whoever holds this row is at work on the same page. The row stays locked until the commit, so the cursor never
        // goes back.
        let sql = "SELECT cursor FROM follows WHERE one = 1 FOR UPDATE SKIP LOCKED";
        let rows = session.rows(sql, &[]).await?;
        let Some(cursor) = rows.first().map(|row| row.get::<_, i64>(0)) else {
            return Ok(Decision::RollBack(Ok(Erased::Elsewhere)));
        };
        // The page may be of another database than the one whose cursor was read.
        let Position { generation, first_version, .. } = match remember(session, &self.page.identity).await? {
            Ok(position) => position,
            Err(replaced) => return Ok(Decision::RollBack(Err(replaced))),
        };
        if cursor != self.after {
            return Ok(Decision::RollBack(Ok(Erased::Elsewhere)));
        }
        // Every deleted id is marked, even one without a record: a write that is in flight locks the row before or after. If
        // before, the record is erased below. If after, it finds the mark.
        let sql = "INSERT INTO record (generation, id, version, gone)
                   SELECT $1, id, $2, now() FROM unnest($3::BIGINT[]) AS ids (id) ORDER BY id
                   ON CONFLICT (generation, id) DO UPDATE SET gone = now()";
        session.rows(sql, &[&generation, &first_version, &self.ids]).await?;
        let sql = "UPDATE record SET vitals = NULL
                   WHERE generation = $1 AND id = ANY ($2::BIGINT[]) AND vitals IS NOT NULL RETURNING id";
        let erased = session.rows(sql, &[&generation, &self.ids]).await?.len();
        let sql = "UPDATE follows SET cursor = $1 WHERE one = 1";
        session.rows(sql, &[&self.page.last]).await?;
        Ok(Decision::Commit(Ok(Erased::Records(erased))))
    }
}

struct Rewind(i64);

impl Job for Rewind {
    type Output = ();

    async fn run(&self, session: &Session) -> Result<Decision<()>, Failure> {
        let sql = "UPDATE follows SET cursor = 0 WHERE one = 1 AND cursor = $1";
        session.rows(sql, &[&self.0]).await?;
        Ok(Decision::Commit(()))
    }
}
