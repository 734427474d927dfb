//! Acknowledged means durable, for all three at once: what was answered with 2xx outlives `kill -9`.

use crate::lab_process::Place;
use crate::writers::{Acknowledged, write_until};

const ROUNDS: usize = 5;

#[test]
fn nothing_that_any_of_the_three_acknowledged_is_lost_by_kill_9() {
    let place = Place::new();
    let mut lab = place.serve();
    let token = lab.services.sign_up("ada").token;
    let mut all = Acknowledged::default();
    for round in 0..ROUNDS {
        let user = lab.services.with_token(&token);
        all.add(write_until(&user, round, || {
            lab.binary.signal("KILL");
            lab.binary.ended();
        }));
        lab = place.serve();
        all.assert_there(&lab.services.with_token(&token));
    }
    lab.stop();
}
