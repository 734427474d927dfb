//! One bit of a log is another.

use faults::{Dice, scaled};

use super::subject::{Came, Damaging, Log};

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let (log, damaging, mut dice) = (Log::written(), Damaging::new(), Dice::thrown("flips"));
    for bit in dice.sample(0..log.bytes.len() * 8, scaled(50)) {
        let at = bit / 8;
        let mut rotten = log.bytes.clone();
        rotten[at] ^= 1 << (bit % 8);
        let expected = Came::Refused { line: log.line_of(at) };
        damaging.expect(&rotten, expected, &format!("bit {} of byte {at}", bit % 8));
    }
    damaging.judge("a bit of health's log flipped");
}
