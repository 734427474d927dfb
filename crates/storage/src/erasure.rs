//! When erased content leaves the files of a store.

use std::time::Duration;

/// How long erased content may stay in a store's files before the store begins to remove it. The promise is five minutes:
/// this leaves three for the removal, for a second attempt, and for a deletion that arrives while the first runs.
pub const ERASE_AFTER: Duration = Duration::from_secs(120);
