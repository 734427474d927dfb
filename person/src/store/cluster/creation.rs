//! A person is created, at most once for each idempotency key.

use chassis::IdempotencyKey;
use postgres::{Decision, Failure, Job, Session};

use crate::person::{Name, Person, Viewer};
use crate::store::Refusal;
use crate::store::keys::{LIFE, MOST, digest};

pub(super) struct Creation {
    pub(super) name: Name,
    pub(super) viewer: Viewer,
    pub(super) key: Option<IdempotencyKey>,
    /// The persons that the viewer may own.
    pub(super) limit: i64,
}

impl Job for Creation {
    type Output = Result<Person, Refusal>;

    async fn run(&self, session: &Session) -> Result<Decision<Self::Output>, Failure> {
        let Self { name, viewer, key, limit } = self;
        if let Some(key) = key {
            // Locks the account: of two requests with the same key the second one sees what the first has created.
            let sql = "INSERT INTO account (uid, persons) VALUES ($1, 0)
                       ON CONFLICT (uid) DO UPDATE SET persons = account.persons";
            session.rows(sql, &[&viewer.uid]).await?;
            let sql = "SELECT id, name FROM created
                       WHERE uid = $1 AND key = $2 AND time > now() - $3 * INTERVAL '1 second'";
            let rows = session.rows(sql, &[&viewer.uid, &key.as_str(), &(LIFE as f64)]).await?;
            if let Some(row) = rows.first() {
                let same = row.get::<_, &[u8]>(1) == digest(name);
                let answer = || Person::new(row.get(0), name.clone(), viewer.clone());
                return Ok(Decision::RollBack(if same { Ok(answer()) } else { Err(Refusal::KeyReused) }));
            }
        }
        // The account stays locked until the commit, so that all replicas together keep to the limit. Persons that the
        // username owns are claimed first: they count too.
        let sql = "WITH claimed AS (
                       UPDATE person SET owner_uid = $1 WHERE owner = $4 AND owner_uid IS NULL RETURNING 1
                   ), counted AS (
                       INSERT INTO account (uid, persons)
                       SELECT $1, count(*) + 1 FROM claimed HAVING count(*) + 1 <= $2
                       ON CONFLICT (uid) DO UPDATE SET persons = account.persons + excluded.persons
                       WHERE account.persons + excluded.persons <= $2
                       RETURNING uid
                   )
                   INSERT INTO person (name, owner, owner_uid) SELECT $3::TEXT, $4::TEXT, uid FROM counted RETURNING id";
        let rows = session.rows(sql, &[&viewer.uid, limit, &name.as_str(), &viewer.username]).await?;
        let Some(row) = rows.first() else { return Ok(Decision::RollBack(Err(Refusal::LimitReached))) };
        let id = row.get(0);
        if let Some(key) = key {
            remember(session, viewer, key, name, id).await?;
        }
        Ok(Decision::Commit(Ok(Person::new(id, name.clone(), viewer.clone()))))
    }
}

/// Remembers what the viewer has created with this key, and forgets two keys if they are old or too many.
async fn remember(
    session: &Session,
    viewer: &Viewer,
    key: &IdempotencyKey,
    name: &Name,
    id: i64,
) -> Result<(), Failure> {
    let sql = "INSERT INTO created (uid, key, name, id) VALUES ($1, $2, $3, $4)
               ON CONFLICT (uid, key) DO UPDATE SET name = excluded.name, id = excluded.id, time = now(),
                   number = excluded.number";
    session.rows(sql, &[&viewer.uid, &key.as_str(), &&digest(name)[..], &id]).await?;
    // Keys are added at one end and forgotten at the other, so the two ends tell how many there are at most. Another replica
    // may be forgetting the same two: it is not waited for.
    let sql = "DELETE FROM created WHERE number IN
                   (SELECT number FROM created ORDER BY number LIMIT 2 FOR UPDATE SKIP LOCKED)
               AND (time <= now() - $1 * INTERVAL '1 second'
                   OR number <= (SELECT max(number) FROM created) - $2)";
    session.rows(sql, &[&(LIFE as f64), &MOST]).await.map(drop)
}
