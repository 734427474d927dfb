//! Numbers that are never issued twice: ids, versions, sequence numbers.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the number after which a restored store counts on, if the copy and the replaced store have issued numbers
/// up to `issued`.
///
/// The replaced store may be lost, so the time must be enough: it is in microseconds, because no store issues a
/// million numbers a second. JavaScript counts exactly up to 2^53, which the time reaches in the year 2255.
pub fn after_restore(issued: i64) -> i64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    issued.max(i64::try_from(time).unwrap_or(i64::MAX))
}
