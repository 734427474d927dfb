//! The deletions that health has read and that its cursor has not passed. They stay in memory, so that no page of the
//! feed is read twice.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use storage::Id;

/// How long the cursor stays behind a deletion. Longer than any request: a second for a thread, one for the lookup,
/// five for a handler.
const DELAY: Duration = Duration::from_secs(30);
/// The number of deletions from which on no page is added: 4 MB of ids, and more than the usual interval reads in
/// [`DELAY`].
const MOST: usize = 500_000;

/// The pages that were read, in order.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pages: VecDeque<Page>,
    deletions: usize,
}

#[derive(Debug)]
struct Page {
    ids: Box<[Id]>,
    /// The number of the last deletion.
    last: i64,
    /// When it was read.
    seen: Instant,
}

impl Pending {
    /// Adds a page that was read at this time.
    pub(super) fn push(&mut self, ids: Box<[Id]>, last: i64, seen: Instant) {
        self.deletions += ids.len();
        self.pages.push_back(Page { ids, last, seen });
    }

    /// Returns how many deletions there are.
    pub(super) fn len(&self) -> usize {
        self.deletions
    }

    /// Returns whether no further page may be added now.
    pub(super) fn is_full(&self) -> bool {
        self.deletions >= MOST
    }

    /// Returns the number of the last deletion that was read.
    pub(super) fn last(&self) -> Option<i64> {
        self.pages.back().map(|page| page.last)
    }

    /// Returns how many pages, the oldest first, were read at least [`DELAY`] ago.
    pub(super) fn due(&self, now: Instant) -> usize {
        self.pages.iter().take_while(|page| now.duration_since(page.seen) >= DELAY).count()
    }

    /// Returns the number of the last deletion in the oldest pages.
    pub(super) fn last_of(&self, pages: usize) -> Option<i64> {
        Some(self.pages.get(pages.checked_sub(1)?)?.last)
    }

    /// Returns the ids, those of the oldest pages whether `wanted` or not.
    pub(super) fn ids(&self, pages: usize, wanted: impl Fn(Id) -> bool) -> Vec<Id> {
        let ids = |page: &Page| page.ids.to_vec();
        let oldest = self.pages.iter().take(pages).flat_map(ids);
        oldest.chain(self.pages.iter().skip(pages).flat_map(ids).filter(|id| wanted(*id))).collect()
    }

    /// Forgets the oldest pages.
    pub(super) fn forget(&mut self, pages: usize) {
        self.deletions -= self.pages.drain(..pages).map(|page| page.ids.len()).sum::<usize>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &[i64]) -> Box<[Id]> {
        ids.iter().map(|id| Id::new(*id).unwrap()).collect()
    }

    #[test]
    fn pages_are_due_in_order_after_the_delay() {
        let start = Instant::now();
        let mut pending = Pending::default();
        assert_eq!((pending.due(start + DELAY), pending.last(), pending.last_of(0)), (0, None, None));
        pending.push(page(&[7, 8]), 2, start);
        pending.push(page(&[9]), 3, start + DELAY / 2);
        assert_eq!(pending.due(start + DELAY - Duration::from_millis(1)), 0, "a write may be in flight");
        assert_eq!(pending.due(start + DELAY), 1);
        assert_eq!((pending.last_of(1), pending.last()), (Some(2), Some(3)));
        assert_eq!(pending.ids(1, |_| false), page(&[7, 8]).to_vec());
        assert_eq!(pending.ids(0, |id| id.get() > 7), page(&[8, 9]).to_vec());
        pending.forget(1);
        assert_eq!((pending.len(), pending.due(start + DELAY * 2)), (1, 1));
    }
}
