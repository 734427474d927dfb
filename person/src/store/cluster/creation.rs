//! Persons are created: those without an idempotency key several in one transaction.

use std::collections::HashMap;
use std::sync::Arc;

use chassis::IdempotencyKey;
use postgres::{Database, Decision, Failure, Job, Session, Work};
use storage::StoreError;

use super::person;
use crate::person::{Name, Person, Viewer};
use crate::store::Refusal;
use crate::store::keys::{LIFE, MOST, digest};

/// A person to be created.
#[derive(Debug)]
pub(super) struct New {
    pub(super) name: Name,
    pub(super) viewer: Viewer,
}

/// Creates the persons of several calls in one transaction. Else those of one account would wait for each other's commit,
/// since each locks the account.
pub(super) struct Creations {
    pub(super) database: Arc<Database>,
    pub(super) limit: u32,
}

impl Work for Creations {
    type Call = New;
    type Answer = Result<Person, Refusal>;

    async fn serve(&self, calls: &[New]) -> Result<Vec<Self::Answer>, StoreError> {
        self.database.write(&Together { new: calls, limit: self.limit }).await
    }
}

struct Together<'c> {
    new: &'c [New],
    limit: u32,
}

impl Job for Together<'_> {
    type Output = Vec<Result<Person, Refusal>>;

    async fn run(&self, session: &Session) -> Result<Decision<Self::Output>, Failure> {
        Ok(Decision::Commit(insert(session, self.new, self.limit).await?))
    }
}

/// A person is created at most once with this key.
pub(super) struct WithKey {
    pub(super) new: New,
    pub(super) key: IdempotencyKey,
    pub(super) limit: u32,
}

impl Job for WithKey {
    type Output = Result<Person, Refusal>;

    async fn run(&self, session: &Session) -> Result<Decision<Self::Output>, Failure> {
        let Self { new: New { name, viewer }, key, limit } = self;
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
        let created = insert(session, std::slice::from_ref(&self.new), *limit).await?.remove(0);
        Ok(match created {
            Err(refusal) => Decision::RollBack(Err(refusal)),
            Ok(person) => {
                remember(session, viewer, key, name, person.id).await?;
                Decision::Commit(Ok(person))
            }
        })
    }
}

/// Creates each person whose account may own one more. Returns what became of them, in their order.
async fn insert(session: &Session, new: &[New], limit: u32) -> Result<Vec<Result<Person, Refusal>>, Failure> {
    // The accounts stay locked until the commit, so that all replicas together keep to the limit. They are locked in order,
    // so that two transactions never wait for each other. Persons that a username owns are claimed first: they count too.
    let sql = "WITH new AS (SELECT * FROM unnest($1::TEXT[], $2::TEXT[]) AS new (uid, username)),
                    claimed AS (UPDATE person SET owner_uid = uid FROM new
                                WHERE owner = username AND owner_uid IS NULL RETURNING owner_uid)
               INSERT INTO account (uid, persons)
               SELECT uid, count(*) FROM (SELECT uid FROM new UNION ALL SELECT owner_uid FROM claimed) AS more
               GROUP BY uid ORDER BY uid
               ON CONFLICT (uid) DO UPDATE SET persons = account.persons + excluded.persons
               RETURNING uid, persons";
    let uids: Vec<&str> = new.iter().map(|new| new.viewer.uid.as_str()).collect();
    let usernames: Vec<&str> = new.iter().map(|new| new.viewer.username.as_str()).collect();
    let rows = session.rows(sql, &[&uids, &usernames]).await?;
    let mut owned: HashMap<&str, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();

    // All are counted now. The last ones beyond the limit are refused.
    let mut fit = vec![true; new.len()];
    for (New { viewer, .. }, fits) in new.iter().zip(&mut fit).rev() {
        let persons = owned.get_mut(viewer.uid.as_str()).expect("each account was counted");
        if *persons > viewer.limit(limit) {
            (*persons, *fits) = (*persons - 1, false);
        }
    }
    if fit.contains(&false) {
        let sql = "UPDATE account SET persons = owned.persons
                   FROM unnest($1::TEXT[], $2::BIGINT[]) AS owned (uid, persons) WHERE account.uid = owned.uid";
        let (uids, persons): (Vec<&str>, Vec<i64>) = owned.into_iter().unzip();
        session.rows(sql, &[&uids, &persons]).await?;
    }

    let fitting = new.iter().zip(&fit).filter(|(_, fits)| **fits).map(|(new, _)| new);
    let column = |of: fn(&New) -> &str| fitting.clone().map(of).collect::<Vec<_>>();
    let names = column(|new| new.name.as_str());
    let owners = column(|new| &new.viewer.username);
    let uids = column(|new| &new.viewer.uid);
    let sql = "INSERT INTO person (name, owner, owner_uid)
               SELECT * FROM unnest($1::TEXT[], $2::TEXT[], $3::TEXT[])
               RETURNING id, name, owner, version, owner_uid";
    let rows = session.rows(sql, &[&names, &owners, &uids]).await?;
    let mut created: Vec<Person> = rows.iter().map(person).collect();
    let outcome = |(New { name, viewer }, fits): (&New, bool)| {
        if !fits {
            return Err(Refusal::LimitReached);
        }
        // The order of the rows is the server's choice.
        let own = |person: &Person| person.name == *name && viewer.owns(person);
        let at = created.iter().position(own).expect("each person was created");
        Ok(created.remove(at))
    };
    Ok(new.iter().zip(fit).map(outcome).collect())
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
