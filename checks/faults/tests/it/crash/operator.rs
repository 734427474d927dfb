//! `kill -9` of what an operator does to a store or a key file. It is then what it was or what it was to be, all of
//! it, and the service starts on it.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use faults::{Dice, scaled};
use testkit::{Binary, tokens};

use super::restoring::{Outcome, Restoring, judge};

#[test]
fn a_restore_that_is_killed_leaves_the_old_store_or_the_new_one() {
    let mut dice = Dice::thrown("restore");
    for restoring in [Restoring::of_person(), Restoring::of_health()] {
        // How long it takes where nobody kills it.
        let mut longest = Duration::ZERO;
        let unharmed = restoring.cut_short(|restoring| {
            let start = Instant::now();
            let _ = restoring.ended();
            longest = start.elapsed();
        });
        assert_eq!(unharmed, Outcome::New);
        let outcomes: Vec<_> = (0..scaled(8))
            .map(|_| {
                let delay = Duration::from_micros(dice.number(0..longest.as_micros() as usize) as u64);
                restoring.cut_short(|_| thread::sleep(delay))
            })
            .collect();
        judge(&format!("`kill -9` of `{} restore`", restoring.service), &outcomes);
    }
}

#[test]
fn a_rotation_that_is_killed_leaves_the_old_keys_or_the_new_ones() {
    let mut dice = Dice::thrown("keygen");
    let place = faults::auth();
    let read = || fs::read_to_string(place.path("keys")).expect("the key file is there");
    let mut outcomes = Vec::new();
    for _ in 0..scaled(15) {
        let before = read();
        let rotating = Binary::start(&faults::exe("auth"), &["keygen", "--rotate", &place.text("keys")], &[]);
        thread::sleep(dice.moment(6));
        drop(rotating);
        outcomes.push(of_keys(&before, read()));
        // Parses every key, and refuses one that is not whole.
        let checked = place.run(&["keygen", "--if-missing", &place.text("keys")], &[]);
        assert_eq!((checked.code, &checked.err[..]), (Some(0), ""));
    }
    let mut service = place.serve();
    let _ = service.client().with_token(&tokens::user("ada")).get("/me").expect(200);
    judge("`kill -9` of `auth keygen --rotate`", &outcomes);
}

/// What a key file is after a rotation that was cut short.
pub(crate) fn of_keys(before: &str, after: String) -> Outcome {
    let line = after.strip_suffix(before);
    match line {
        Some("") => Outcome::Old,
        Some(line) if line.ends_with('\n') && line.lines().count() == 1 => Outcome::New,
        _ => Outcome::Neither(after),
    }
}
