//! Health touches no record until person has answered.

use std::thread;

use faults::{at_once, report, scaled};
use testkit::{Response, eventually};

use super::health::{HealthUnderTest, OPERATIONS};

#[test]
fn no_record_changes_before_person_answers() {
    let health = HealthUnderTest::start();
    let rounds = scaled(1);
    for _ in 0..rounds {
        let before = health.file();
        health.person.says(Response::Hold);
        health.person_says(|_| Response::Hold);
        thread::scope(|scope| {
            let answers = scope.spawn(|| {
                at_once(OPERATIONS.len(), |number| {
                    let (method, id, status) = OPERATIONS[number];
                    drop(health.call(method, id).expect(status));
                })
            });
            let mut asked = Vec::new();
            eventually("each operation has sent its lookup", || {
                asked.extend(health.lookups());
                (asked.len() >= OPERATIONS.len()).then_some(())
            });
            asked.sort_unstable();
            assert_eq!(asked, [1, 2, 3, 4, 5]);
            assert!(health.file() == before, "the file changed before person answered");
            health.person_says(|_| Response::Person);
            health.person.says(Response::Person);
            answers.join().expect("each operation ends");
        });
        assert!(health.lookups().is_empty(), "one lookup each");
        let lines = health.file()[before.len()..].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, 4, "each change is one line");
        // Restores the records for the next round.
        let _ = (health.call("DELETE", 2).expect(204), health.call("POST", 5).expect(201));
        health.lookups();
    }
    report(
        "person holds its answers back",
        &format!("{} operations", rounds * OPERATIONS.len()),
        "0 bytes written before person answered 200; 1 lookup each",
    );
}
