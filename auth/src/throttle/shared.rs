//! The counters in a database that several replicas share. They count as `counters.rs` does, with the same numbers and the
//! clock of the database.
//!
//! An attempt is a row while it is under way. A failure is counted before the caller learns of it, so a caller whose
//! failure could not be counted learns nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postgres::{Database, Decision, Failure, Job, Session};
use storage::StoreError;
use tokio::time::sleep;

use super::Refusal;
use super::counters::{CAPACITY, FREE_FAILURES, FREE_FAILURES_OF_ALL, Peer, WAITING, wait_after};

/// Between two looks at the attempts under way, which may end on another replica.
const PAUSE: Duration = Duration::from_millis(50);

/// The gate of each username and peer: one attempt at a time looks into the database, in the order of arrival.
type Gates = HashMap<(String, Peer), Arc<tokio::sync::Mutex<()>>>;

#[derive(Debug)]
pub(super) struct Shared {
    database: Arc<Database>,
    gates: Mutex<Gates>,
}

impl Shared {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self { database, gates: Mutex::default() }
    }

    /// Begins an attempt, and returns its id.
    pub(super) async fn begin(&self, username: &str, peer: Peer) -> Result<String, Refusal> {
        let gate = {
            let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            gates.retain(|_, gate| Arc::strong_count(gate) > 1);
            let gate = gates.entry((username.to_owned(), peer)).or_default();
            // One reference is the table's, one that of the attempt at the gate.
            if Arc::strong_count(gate) > 1 + WAITING {
                return Err(Refusal::TooMany);
            }
            Arc::clone(gate)
        };
        let _turn = gate.lock().await;
        let begin = Begin { username, peer: peer.to_string() };
        loop {
            match self.database.write(&begin).await.map_err(Refusal::Failed)? {
                Turn::Now(id) => return Ok(id),
                Turn::TooEarly(left) => return Err(Refusal::TooEarly(left)),
                Turn::AfterAnother => sleep(PAUSE).await,
            }
        }
    }

    /// Ends an attempt, as `Counters::end` does. Has no effect if it has ended already.
    pub(super) fn end(
        &self,
        id: String,
        username: String,
        peer: Peer,
        right: Option<bool>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + 'static {
        let database = Arc::clone(&self.database);
        async move { database.write(&End { id, username, peer: peer.to_string(), right }).await }
    }
}

/// Locks a username until the commit, by its row for all peers.
async fn lock(session: &Session, username: &str) -> Result<(), Failure> {
    let sql = "INSERT INTO failures (username, peer) VALUES ($1, '')
               ON CONFLICT (username, peer) DO UPDATE SET in_a_row = failures.in_a_row";
    session.rows(sql, &[&username]).await.map(drop)
}

enum Turn {
    Now(String),
    TooEarly(Duration),
    AfterAnother,
}

struct Begin<'b> {
    username: &'b str,
    peer: String,
}

impl Job for Begin<'_> {
    type Output = Turn;

    async fn run(&self, session: &Session) -> Result<Decision<Turn>, Failure> {
        lock(session, self.username).await?;
        // After ten seconds the request of an attempt has long been answered: its replica is gone.
        let sql = "SELECT peer, in_a_row, extract(epoch FROM clock_timestamp() - last)::FLOAT8,
                       (SELECT count(*) FROM attempt WHERE username = $1 AND (key.peer = '' OR attempt.peer = key.peer)
                            AND begun > clock_timestamp() - INTERVAL '10 seconds'),
                       EXISTS (SELECT 1 FROM welcome WHERE username = $1 AND welcome.peer = $2)
                   FROM (VALUES ($2::TEXT), ('')) AS key (peer)
                   LEFT JOIN (SELECT peer AS of, in_a_row, last FROM failures WHERE username = $1) AS row ON of = peer
                   ORDER BY peer DESC";
        for row in session.rows(sql, &[&self.username, &self.peer]).await? {
            let all = row.get::<_, &str>(0).is_empty();
            if all && row.get(4) {
                continue;
            }
            let free = if all { FREE_FAILURES_OF_ALL } else { FREE_FAILURES };
            let failed = u32::try_from(row.get::<_, Option<i64>>(1).unwrap_or(0)).unwrap_or(u32::MAX);
            let past = Duration::try_from_secs_f64(row.get::<_, Option<f64>>(2).unwrap_or(0.0));
            let left = wait_after(failed, free).saturating_sub(past.unwrap_or_default());
            if !left.is_zero() {
                return Ok(Decision::RollBack(Turn::TooEarly(left)));
            }
            // After a wait, one attempt at a time.
            if row.get::<_, i64>(3) >= i64::from(free.saturating_sub(failed).max(1)) {
                return Ok(Decision::RollBack(Turn::AfterAnother));
            }
        }
        let sql =
            "INSERT INTO attempt (id, username, peer) VALUES (gen_random_uuid()::TEXT, $1, $2) RETURNING id";
        let rows = session.rows(sql, &[&self.username, &self.peer]).await?;
        Ok(Decision::Commit(Turn::Now(rows[0].get(0))))
    }
}

struct End {
    id: String,
    username: String,
    peer: String,
    right: Option<bool>,
}

impl Job for End {
    type Output = ();

    async fn run(&self, session: &Session) -> Result<Decision<()>, Failure> {
        let Self { id, username, peer, right } = self;
        lock(session, username).await?;
        if session.rows("DELETE FROM attempt WHERE id = $1 RETURNING 1", &[id]).await?.is_empty() {
            return Ok(Decision::RollBack(()));
        }
        match right {
            None => {}
            Some(false) => {
                let sql = "INSERT INTO failures (username, peer, in_a_row) VALUES ($1, $2, 1), ($1, '', 1)
                           ON CONFLICT (username, peer) DO UPDATE
                           SET in_a_row = failures.in_a_row + 1, last = clock_timestamp()";
                session.rows(sql, &[username, peer]).await?;
                evict(session, OLDEST_FAILURES).await?;
            }
            Some(true) => {
                let sql = "DELETE FROM failures WHERE username = $1 AND peer = $2";
                session.rows(sql, &[username, peer]).await?;
                // As in memory: only the success of a new peer forgets the failures of all.
                let sql = "WITH known AS (SELECT 1 FROM welcome WHERE username = $1 AND peer = $2),
                           now_known AS (
                               INSERT INTO welcome (username, peer) VALUES ($1, $2)
                               ON CONFLICT (username, peer) DO UPDATE SET last = clock_timestamp()
                           )
                           UPDATE failures SET in_a_row = 0
                           WHERE username = $1 AND peer = '' AND NOT EXISTS (SELECT 1 FROM known)";
                session.rows(sql, &[username, peer]).await?;
                evict(session, OLDEST_WELCOME).await?;
            }
        }
        // The row of a username without failures is not kept: names that nobody guesses must not evict counters of failures.
        let sql = "DELETE FROM failures WHERE username = $1 AND peer = '' AND in_a_row = 0";
        session.rows(sql, &[username]).await?;
        forget_abandoned(session).await?;
        Ok(Decision::Commit(()))
    }
}

/// Removes attempts of replicas that are gone, a few at a time. A row in use by another replica is not waited for.
async fn forget_abandoned(session: &Session) -> Result<(), Failure> {
    let sql = "DELETE FROM attempt WHERE id IN (
                   SELECT id FROM attempt WHERE begun < clock_timestamp() - INTERVAL '1 minute'
                   ORDER BY begun LIMIT 4 FOR UPDATE SKIP LOCKED)";
    session.rows(sql, &[]).await.map(drop)
}

const OLDEST_FAILURES: &str = "DELETE FROM failures WHERE (username, peer) IN (
    SELECT username, peer FROM failures ORDER BY last
    LIMIT least(4, greatest(0, (SELECT count(*) FROM failures) - $1)) FOR UPDATE SKIP LOCKED)";
const OLDEST_WELCOME: &str = "DELETE FROM welcome WHERE (username, peer) IN (
    SELECT username, peer FROM welcome ORDER BY last
    LIMIT least(4, greatest(0, (SELECT count(*) FROM welcome) - $1)) FOR UPDATE SKIP LOCKED)";

/// Removes the oldest rows of a table that is too large, a few at a time. A row in use by another replica is not waited
/// for. Counting the rows takes time, so this is done only for the table that has just got one.
async fn evict(session: &Session, oldest: &'static str) -> Result<(), Failure> {
    session.rows(oldest, &[&(CAPACITY as i64)]).await.map(drop)
}
