//! The idempotency keys of persons that were created.

use std::time::{SystemTime, UNIX_EPOCH};

use chassis::IdempotencyKey;
use sqlite::rusqlite::{self, Connection, OptionalExtension as _, params};

use crate::person::{Name, Viewer};
use crate::store::keys::{LIFE, MOST, digest};

/// What was created with a key before.
pub(super) enum Created {
    /// The person with this id, by the same request.
    Same(i64),
    /// A person with another name.
    Other,
}

/// Returns what the viewer has created with this key.
pub(super) fn created_before(
    db: &Connection,
    viewer: &Viewer,
    key: &IdempotencyKey,
    name: &Name,
) -> rusqlite::Result<Option<Created>> {
    db.prepare_cached("SELECT id, name FROM created WHERE uid = ?1 AND key = ?2 AND time > ?3")?
        .query_row(params![viewer.uid, key.as_str(), now() - LIFE], |row| {
            let same = row.get::<_, [u8; 32]>(1)? == digest(name);
            Ok(if same { Created::Same(row.get(0)?) } else { Created::Other })
        })
        .optional()
}

/// Remembers what the viewer has created with this key, and forgets two keys if they are old or too many.
pub(super) fn remember(
    db: &Connection,
    viewer: &Viewer,
    key: &IdempotencyKey,
    name: &Name,
    id: i64,
) -> rusqlite::Result<()> {
    let now = now();
    db.prepare_cached(
        "INSERT OR REPLACE INTO created (uid, key, name, id, time) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![viewer.uid, key.as_str(), digest(name), id, now])?;
    // Keys are added at one end and forgotten at the other, so the two ends tell how many there are at most.
    db.prepare_cached(
        "DELETE FROM created WHERE number IN (SELECT number FROM created ORDER BY number LIMIT 2)
         AND (time <= ?1 OR number <= (SELECT max(number) FROM created) - ?2)",
    )?
    .execute([now - LIFE, MOST])
    .map(drop)
}

/// Returns the time in seconds since 1970.
fn now() -> i64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
