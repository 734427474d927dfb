//! Each service as something that is written to and killed.

mod auth;
mod health;
mod person;

pub(crate) use health::HealthSubject;

pub(crate) use auth::AuthSubject;
pub(crate) use person::PersonSubject;

use faults::{Dice, scaled};

use super::storm::storm;

/// At most so many milliseconds, or so many writes, before a kill.
const MOST: (usize, usize) = (100, 200);
/// A registration takes a password hash.
const MOST_OF_AUTH: (usize, usize) = (300, 12);

#[test]
fn person_loses_nothing_that_it_acknowledged() {
    let tally = storm(&PersonSubject::new(), &mut Dice::thrown("person"), scaled(10), MOST);
    tally.judge("`kill -9` of person, 8 writing");
}

#[test]
fn health_loses_nothing_that_it_acknowledged() {
    let tally = storm(&HealthSubject::new(), &mut Dice::thrown("health"), scaled(10), MOST);
    tally.judge("`kill -9` of health, 8 writing");
}

#[test]
fn auth_loses_no_account_that_it_acknowledged() {
    let tally = storm(&AuthSubject::new(), &mut Dice::thrown("auth"), scaled(10), MOST_OF_AUTH);
    tally.judge("`kill -9` of auth, 4 registering");
}
