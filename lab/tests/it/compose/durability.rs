//! Acknowledged means durable, in containers too.

use crate::writers::{Acknowledged, write_until};

use super::stack::{SERVICES, Stack};

#[test]
fn acknowledged_writes_survive_the_kill_of_a_container() {
    let stack = Stack::up();
    let ada = stack.services().sign_up("ada");
    let mut all = Acknowledged::default();
    for (round, service) in SERVICES.into_iter().enumerate() {
        all.add(write_until(&ada, round, || {
            stack.compose(&["kill", "-s", "KILL", service]);
        }));
        assert_eq!(stack.inspect(service)["State"]["ExitCode"], 137);
        stack.compose(&["up", "--wait"]);
        all.assert_stored(&ada);
    }
}

#[test]
fn data_survives_down_until_the_volumes_are_removed() {
    let stack = Stack::up();
    let ada = stack.services().sign_up("ada");
    let all = write_until(&ada, 0, || {});
    stack.compose(&["down"]);
    stack.compose(&["up", "--wait"]);
    all.assert_stored(&ada);
    stack.compose(&["down", "--volumes"]);
    stack.compose(&["up", "--wait"]);
    assert_eq!(stack.services().try_log_in("ada").status, 401);
}
