//! The persons from before accounts had ids, which a restored copy may hold.

use postgres::{Decision, Failure, Job, Session};

use super::Cluster;
use crate::person::{Person, Viewer};

impl Cluster {
    /// If the viewer owns one of these persons by its username alone, gives all such persons to the viewer's account. If
    /// that fails, they still belong to the username, so a read goes on, and the next one tries again.
    pub(super) async fn claim_any<'p>(&self, viewer: &Viewer, mut persons: impl Iterator<Item = &'p Person>) {
        if persons.any(|person| person.owner_uid.is_none() && viewer.owns(person))
            && let Err(error) = self.database.write(&Claim(viewer)).await
        {
            tracing::debug!(service = crate::NAME, ?error, "persons without an account were not claimed");
        }
    }
}

struct Claim<'v>(&'v Viewer);

impl Job for Claim<'_> {
    type Output = ();

    async fn run(&self, session: &Session) -> Result<Decision<()>, Failure> {
        claim(session, self.0).await.map(Decision::Commit)
    }
}

/// Gives the persons of the viewer's username that no account owns to the viewer's account.
pub(super) async fn claim(session: &Session, Viewer { uid, username, .. }: &Viewer) -> Result<(), Failure> {
    let sql = "WITH claimed AS (
                   UPDATE person SET owner_uid = $1 WHERE owner = $2 AND owner_uid IS NULL RETURNING 1
               )
               INSERT INTO account (uid, persons)
               SELECT $1, count(*) FROM claimed HAVING count(*) > 0
               ON CONFLICT (uid) DO UPDATE SET persons = account.persons + excluded.persons";
    session.rows(sql, &[uid, username]).await.map(drop)
}
