//! The answer to each write of an attack, compared with the store afterwards.

use std::collections::BTreeSet;
use std::io;

use testkit::{Answer, Client};

use crate::Store;

/// The numbers of the items that were written, by the last answer.
#[derive(Debug, Default, Clone)]
pub struct Outcomes {
    /// Created: the item must be there.
    pub acknowledged: BTreeSet<usize>,
    /// Refused for a full disk, or deleted: the item must not be there.
    pub absent: BTreeSet<usize>,
    /// Not answered, or with a 500: the item may be there.
    pub unknown: BTreeSet<usize>,
}

impl Outcomes {
    /// Creates an item, and returns whether the service can take another write.
    pub fn write(&mut self, store: &Store, client: &Client, number: usize) -> bool {
        self.note(number, store.write(client, number))
    }

    /// Notes the answer to the creation or deletion of an item, and returns whether the service can take another write.
    pub fn note(&mut self, number: usize, answer: io::Result<Answer>) -> bool {
        self.acknowledged.remove(&number);
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        match (status, answer) {
            (201, _) => self.acknowledged.insert(number),
            (204, _) => self.absent.insert(number),
            (507, Ok(answer)) => {
                answer.expect_problem(507, "disk-full");
                self.absent.insert(number)
            }
            (_, answer) => {
                if let Ok(answer) = answer {
                    answer.expect_problem(500, "internal");
                }
                self.unknown.insert(number);
                false
            }
        }
    }

    /// Checks that no acknowledged item is missing, and that no unexpected item is there. Returns the items.
    #[track_caller]
    pub fn check(&self, store: &Store, client: &Client) -> BTreeSet<usize> {
        let Self { acknowledged, absent, unknown } = self;
        let found = store.items(client, acknowledged | &(absent | unknown));
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "{}: acknowledged and lost: {lost:?}", store.service);
        let unexpected = &found - &(acknowledged | unknown);
        assert!(unexpected.is_empty(), "{}: refused or deleted, but there: {unexpected:?}", store.service);
        found
    }
}
