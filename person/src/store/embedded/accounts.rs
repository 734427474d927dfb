//! The accounts that own persons: how many each has, and the persons from before accounts had ids.

use sqlite::rusqlite::{self, Connection, params};

use crate::person::Viewer;

/// Gives the persons of the viewer's username that no account owns to the viewer's account.
pub(super) fn claim(db: &Connection, Viewer { uid, username, .. }: &Viewer) -> rusqlite::Result<()> {
    let claimed = db
        .prepare_cached("UPDATE person SET owner_uid = ?1 WHERE owner = ?2 AND owner_uid IS NULL")?
        .execute([uid, username])?;
    if claimed > 0 {
        db.prepare_cached(
            "INSERT INTO account VALUES (?1, ?2) ON CONFLICT DO UPDATE SET persons = persons + excluded.persons",
        )?
        .execute(params![uid, claimed as i64])?;
    }
    Ok(())
}

/// Returns whether [`claim`] has something to do.
pub(super) fn owns_unclaimed(db: &Connection, viewer: &Viewer) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM person WHERE owner = ?1 AND owner_uid IS NULL LIMIT 1")?
        .exists([&viewer.username])
}

/// Counts one more person of the viewer's; returns `false` if that would exceed the limit.
pub(super) fn count_one_more(db: &Connection, viewer: &Viewer, limit: i64) -> rusqlite::Result<bool> {
    let counted = db
        .prepare_cached(
            "INSERT INTO account VALUES (?1, 1) ON CONFLICT DO UPDATE SET persons = persons + 1 WHERE persons < ?2",
        )?
        .execute(params![viewer.uid, limit])?;
    Ok(counted == 1)
}

/// Counts one person less of an account.
pub(super) fn count_one_less(db: &Connection, uid: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE account SET persons = persons - 1 WHERE uid = ?1")?.execute([uid])?;
    db.prepare_cached("DELETE FROM account WHERE uid = ?1 AND persons = 0")?.execute([uid]).map(drop)
}
