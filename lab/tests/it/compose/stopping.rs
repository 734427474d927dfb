//! `docker stop`: in time and cleanly, with no shell and no init in between.

use std::time::{Duration, Instant};

use super::stack::{SERVICES, Stack};

/// Docker itself takes a few tenths of this.
const LIMIT: Duration = Duration::from_secs(2);

#[test]
fn a_service_that_is_told_to_stop_does_so_with_exit_code_0() {
    let stack = Stack::up();
    for service in SERVICES {
        let container = stack.container(service);
        let start = Instant::now();
        stack.docker(&["stop", &container]);
        let took = start.elapsed();
        assert!(took < LIMIT, "{service}: {took:?}");
        assert_eq!(stack.inspect(service)["State"]["ExitCode"], 0, "{service}");
    }
}
