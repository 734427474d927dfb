//! A person service that closes its idle connections, and some of them just as they are used.

use testkit::Say;

use super::lab::{Lab, at_once, crowd, lookup};

/// Enough to have a connection of each lookup's thread.
const CLIENTS: usize = 64;

#[test]
fn no_caller_notices_that_person_closes_its_connections_as_they_are_used() {
    let _crowd = crowd();
    let lab = Lab::new();
    let rounds = faults::scaled(6);
    let mut again = 0;
    for round in 0..rounds {
        // Every thread has a connection, and person is about to close it.
        lab.person.says_at(&lookup(1), Say::PersonThenClose);
        at_once(CLIENTS, |_| drop(lab.call("GET", 1).expect(200)));
        let heard = lab.lookups().len();
        assert_eq!(heard, CLIENTS, "a lookup that nobody heard is made again, one that was answered is not");
        // It keeps them, and gives up some of those that are used again.
        lab.person.says_at(&lookup(1), Say::Person);
        at_once(CLIENTS, |_| drop(lab.call("GET", 1).expect(200)));
        let lost = if round % 2 == 0 { Say::Close } else { Say::Reset };
        let kept: std::collections::BTreeSet<usize> = lab.lookups().into_iter().map(|(_, on)| on).collect();
        lab.person.says_next([lost]);
        let _ = lab.call("PUT", 3).expect(200);
        let lookups = lab.lookups();
        assert!(kept.contains(&lookups[0].1), "the lookup goes over a kept connection");
        assert_eq!(lookups.len(), 2, "and is made once more over another");
        again += 1;
    }
    faults::report(
        "person closes connections as they are used",
        &format!("{} operations", rounds * (2 * CLIENTS + 1)),
        &format!("0 noticed by a caller; {again} lookups lost without a byte, each made once more"),
    );
}
