//! Numbers that are never given out twice: ids, versions, sequence numbers.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the number after which a restored store counts on, if the copy and the replaced store have given out numbers
/// up to `given_out`.
///
/// The replaced store may be lost, so the time must be enough: it is in microseconds, because no store gives out a
/// million numbers a second. JavaScript counts exactly up to 2^53, which the time reaches in the year 2255.
pub fn after_restore(given_out: i64) -> i64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    given_out.max(i64::try_from(time).unwrap_or(i64::MAX))
}
