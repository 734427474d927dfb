//! A change of one record.

use chassis::conditional::Precondition;
use postgres::{Decision, Failure, Job, Session};
use storage::Id;

use super::{Position, record, remember};
use crate::identity::Identity;
use crate::store::{Change, Outcome, Record, Refusal};

pub(super) struct Writing {
    pub(super) id: Id,
    pub(super) change: Change,
    pub(super) precondition: Precondition,
    pub(super) identity: Identity,
}

impl Job for Writing {
    type Output = Result<Option<Record>, Refusal>;

    async fn run(&self, session: &Session) -> Result<Decision<Self::Output>, Failure> {
        // Again: since the lookup, another answer may have been the first that named its database.
        let Position { generation, first_version, .. } = match remember(session, &self.identity).await? {
            Ok(position) => position,
            Err(replaced) => return Ok(Decision::RollBack(Err(replaced.into()))),
        };
        if let Change::Add(_) = self.change {
            // A row that can be locked: of two that add, the second one waits here.
            let sql = "INSERT INTO record (generation, id, version) VALUES ($1, $2, $3)
                       ON CONFLICT (generation, id) DO NOTHING";
            session.rows(sql, &[&generation, &self.id.get(), &first_version]).await?;
        }
        // The row stays locked until the commit, so no other replica can come between check and write.
        //
        // A person whom the purge has marked was deleted after the lookup. The mark counts for longer than any request
        // takes, and not for ever: `person restore` may bring the person back.
        let sql = "SELECT version, vitals, coalesce(gone > now() - INTERVAL '1 hour', false) FROM record
                   WHERE generation = $1 AND id = $2 FOR UPDATE";
        let rows = session.rows(sql, &[&generation, &self.id.get()]).await?;
        if rows.first().is_some_and(|row| row.get(2)) {
            return Ok(Decision::RollBack(Err(Refusal::Gone)));
        }
        let before = match rows.first().map_or(Ok(None), |row| record(row, 0)) {
            Ok(before) => before,
            Err(error) => return Ok(Decision::RollBack(Err(error.into()))),
        };
        let outcome = match self.change.decide(before.as_ref(), &self.precondition) {
            Ok(outcome) => outcome,
            Err(refusal) => return Ok(Decision::RollBack(Err(refusal))),
        };
        let version = rows.first().map_or(0, |row| row.get::<_, i64>(0)) + 1;
        let (text, after) = match outcome {
            Outcome::Put(value) => {
                let text = serde_json::to_string(&value).expect("numbers and names are JSON");
                (Some(text), Some(Record { value, version: version.unsigned_abs() }))
            }
            Outcome::Delete => (None, None),
        };
        let sql =
            "UPDATE record SET version = $3, vitals = $4, gone = NULL WHERE generation = $1 AND id = $2";
        session.rows(sql, &[&generation, &self.id.get(), &version, &text]).await?;
        Ok(Decision::Commit(Ok(after)))
    }
}
