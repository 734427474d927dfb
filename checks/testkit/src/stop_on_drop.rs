//! Threads that work until the test has seen enough.

use std::sync::atomic::{AtomicBool, Ordering};

/// Tells threads to stop when it is dropped, and so also when the test panics: a scope waits for its threads, and a test
/// that fails would never end.
#[derive(Debug)]
pub struct StopOnDrop<'t>(pub &'t AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
