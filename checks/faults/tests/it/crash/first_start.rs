//! `kill -9` in the first start, again and again: of the store there is nothing yet, or half of it.

use faults::{Dice, scaled};

use super::storm::{Subject, kill_while_it_starts, storm};
use super::subjects::{AuthSubject, HealthSubject, PersonSubject};

/// How often the same first start is killed before it may succeed.
const IN_A_ROW: usize = 3;

#[test]
fn a_service_starts_that_was_killed_in_its_first_starts() {
    let mut dice = Dice::thrown("first starts");
    let (mut kills, mut unready) = (0, 0);
    for _ in 0..scaled(3) {
        for killed in [
            |dice: &mut Dice| killed_and_started(&PersonSubject::new(), dice),
            |dice: &mut Dice| killed_and_started(&HealthSubject::new(), dice),
            |dice: &mut Dice| killed_and_started(&AuthSubject::new(), dice),
        ] {
            unready += killed(&mut dice);
            kills += IN_A_ROW;
        }
    }
    assert!(unready > 0, "every kill came too late");
    faults::report(
        "`kill -9` in a first start (migration, new log)",
        &format!("{kills} kills, {unready} of them before it was ready"),
        &format!(
            "each of the {} stores started after {IN_A_ROW} kills, took a write and kept it over one more",
            kills / IN_A_ROW
        ),
    );
}

/// Kills some first starts, then has it written to; gives how many were killed before they were ready.
fn killed_and_started(subject: &impl Subject, dice: &mut Dice) -> usize {
    let unready = (0..IN_A_ROW).filter(|_| !kill_while_it_starts(subject.place(), dice)).count();
    // This starts it, and panics where it is refused.
    storm(subject, dice, 1, (0, 1)).assert_nothing_lost();
    assert_eq!(subject.place().named(".draft"), Vec::<String>::new());
    unready
}
