//! `kill -9` during the first start, several times in a row: the store is missing or incomplete.

use faults::{Random, Store, report, scaled};

use super::kills::{kill_during_start, kill_repeatedly};

/// How many first starts of a store are killed before one may succeed.
const IN_A_ROW: usize = 3;

#[test]
fn a_service_starts_after_kills_during_its_first_starts() {
    let mut random = Random::seeded("first starts");
    let (mut kills, mut unready) = (0, 0);
    for service in ["person", "health", "auth"].repeat(scaled(3)) {
        let store = Store::of(service);
        unready += (0..IN_A_ROW).filter(|_| !kill_during_start(&store.dir, &mut random)).count();
        kills += IN_A_ROW;
        // This starts the service, and panics if it refuses to start.
        kill_repeatedly(&store, 1, (0, 1));
        assert_eq!(store.dir.named(".draft"), Vec::<String>::new());
    }
    assert!(unready > 0, "every kill came too late");
    report(
        "`kill -9` during a first start (migration, new log)",
        &format!("{kills} kills, {unready} of them before readiness"),
        &format!(
            "each of {} stores started after {IN_A_ROW} kills, accepted a write and kept it through another kill",
            kills / IN_A_ROW
        ),
    );
}
