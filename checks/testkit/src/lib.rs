//! What the tests of every crate share: a raw HTTP client, running services (in this process or as separate
//! binaries), keys and forged tokens. It knows the chassis, and no service.
//!
//! A function panics, and so fails the test, if a step of it fails or takes longer than [`PATIENCE`]; only a function
//! that returns a `Result` leaves failures to the test.

mod binary;
mod client;
pub mod console;
mod copies;
mod in_process;
mod in_time;
pub mod log;
pub mod openapi;
mod postgres;
mod stop_on_drop;
mod test_dir;
pub mod tokens;
mod watcher;
mod wire;

pub use binary::{Binary, Ended, run, run_between};
pub use client::{Answer, Call, Client, exchange};
pub use copies::assert_every_column_is_copied;
pub use fake_person::{FakePerson, RecordedRequest, Response};
pub use in_process::InProcess;
pub use postgres::{Encrypted, PostgresServer, as_postgres, is_root, output_of, postgres_programs};
pub use stop_on_drop::StopOnDrop;
pub use test_dir::{TestDir, write_private};
pub use watcher::Watcher;
pub use wire::Wire;

use std::time::{Duration, Instant};

/// The longest wait for a condition: far more than any takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until a condition returns a value, and returns that value; panics after [`PATIENCE`].
pub fn eventually<T>(what: &str, condition: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, condition)
}

/// Waits as [`eventually`] does, for a condition that may take this long.
pub fn within<T>(limit: Duration, what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(start.elapsed() < limit, "never came true: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
