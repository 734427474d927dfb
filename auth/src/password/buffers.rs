//! The buffers in which passwords are hashed. They are kept from one hash to the next: with a new one for each hash the
//! process grew from 21 to 158 MB in ten logins.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Block;

/// The buffers that no hash is using. The last one returned is the next one taken, so there are as many buffers as
/// hashes have run at once.
#[derive(Debug, Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<Block>>>);

impl Buffers {
    /// Takes a buffer; it is empty if none is left.
    pub(super) fn take(&self) -> Vec<Block> {
        self.unused().pop().unwrap_or_default()
    }

    /// Keeps a buffer for the next hash.
    pub(super) fn put_back(&self, buffer: Vec<Block>) {
        self.unused().push(buffer);
    }

    /// Gives the memory of all unused buffers back to the system.
    pub(super) fn free(&self) {
        // The lock is released at the end of the statement.
        let unused = std::mem::take(&mut *self.unused());
        if !unused.is_empty() {
            drop(unused);
            daemon::give_back_memory();
        }
    }

    fn unused(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
