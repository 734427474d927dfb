//! The records of a lost database of person are set aside: they stay in the table, in an earlier generation.

use anyhow::{Context as _, ensure};
use postgres::{Decision, Failure, Job, NAME, Session, Url, run_command};

use super::current_position;
use super::schema::MIGRATIONS;
use crate::adopt::{belongs_already, belongs_to_none};
use crate::identity::{Comparison, Identity};

/// Does the work of `health adopt` in a database of a cluster, whose replicas may go on.
///
/// # Errors
/// Returns an error message for the operator.
pub(crate) fn adopt(url: Url, ask: impl FnOnce() -> anyhow::Result<Identity>) -> anyhow::Result<String> {
    run_command(url, MIGRATIONS, crate::NAME, async |database| {
        let position = current_position(database).await.context(UNUSABLE)?;
        let Some(remembered) = position.origin else { return Ok(belongs_to_none(&NAME)) };
        let identity = ask()?;
        if identity.compare(Some(&remembered)) == Comparison::Same {
            return Ok(belongs_already(&NAME));
        }
        let generation = position.generation;
        let adopted = database.write(&Adoption { identity, generation }).await.context(UNUSABLE)?;
        ensure!(adopted, "another command changed the database at this moment; nothing was changed");
        let sql = "SELECT count(*) FROM record WHERE generation = $1 AND vitals IS NOT NULL";
        // A large table is not counted in time, and nothing depends on it.
        let counted = database.read(sql, &[&generation]).await.ok();
        let records = counted.map_or_else(|| "many".to_owned(), |rows| rows[0].get::<_, i64>(0).to_string());
        Ok(format!(
            "{NAME} belongs to the new database of person now; records set aside: {records}, kept in generation \
             {generation} of the table `record`.\n"
        ))
    })
}

const UNUSABLE: &str = "cannot use the database";

/// More versions than a record gets in one generation: with a hundred writes a second they last for four months.
const VERSIONS: i64 = 1 << 30;

struct Adoption {
    identity: Identity,
    /// The generation that is set aside.
    generation: i64,
}

impl Job for Adoption {
    type Output = bool;

    async fn run(&self, session: &Session) -> Result<Decision<bool>, Failure> {
        // The feed of the new database is read from its beginning.
        let sql = "UPDATE follows SET origin = $1, cursor = 0, generation = generation + 1,
                       first_version = first_version + $3
                   WHERE one = 1 AND generation = $2 RETURNING one";
        let rows = session.rows(sql, &[&self.identity.0.as_deref(), &self.generation, &VERSIONS]).await?;
        Ok(if rows.is_empty() { Decision::RollBack(false) } else { Decision::Commit(true) })
    }
}
