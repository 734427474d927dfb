//! `docker stop`.

use std::time::{Duration, Instant};

use super::stack::{SERVICES, Stack};

/// The images drain for a second. Docker itself needs a few tenths of one.
const LIMIT: Duration = Duration::from_secs(3);

#[test]
fn docker_stop_ends_each_service_with_exit_code_0() {
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
