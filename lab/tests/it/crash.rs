//! Acknowledged means durable, for all three services at once: every acknowledged write survives `kill -9`.

use crate::lab_process::LabDir;
use crate::writers::{Acknowledged, write_until};

const ROUNDS: usize = 5;

#[test]
fn acknowledged_writes_of_all_services_survive_kill_9() {
    let dir = LabDir::new();
    let mut lab = dir.serve();
    let token = lab.services.sign_up("ada").token;
    let mut all = Acknowledged::default();
    for round in 0..ROUNDS {
        let user = lab.services.with_token(&token);
        all.add(write_until(&user, round, || {
            lab.binary.signal("KILL");
            lab.binary.ended();
        }));
        lab = dir.serve();
        all.assert_stored(&lab.services.with_token(&token));
    }
    lab.stop();
}
