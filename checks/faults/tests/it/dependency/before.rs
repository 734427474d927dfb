//! Person is asked before any data is touched.

use testkit::{Say, eventually};

use super::lab::{Lab, OPERATIONS, at_once};

#[test]
fn while_person_thinks_nothing_is_touched_and_each_operation_goes_on_with_its_yes() {
    let lab = Lab::new();
    let rounds = faults::scaled(1);
    for _ in 0..rounds {
        let before = lab.log();
        lab.person.says(Say::Hold);
        lab.person_says(|_| Say::Hold);
        std::thread::scope(|scope| {
            let answers = scope.spawn(|| {
                at_once(OPERATIONS.len(), |number| {
                    let (method, id, status) = OPERATIONS[number];
                    drop(lab.call(method, id).expect(status));
                })
            });
            let mut asked = Vec::new();
            eventually("each has asked", || {
                asked.extend(lab.lookups().into_iter().map(|(id, _)| id));
                (asked.len() >= OPERATIONS.len()).then_some(())
            });
            asked.sort_unstable();
            assert_eq!(asked, [1, 2, 3, 4, 5]);
            assert!(lab.log() == before, "written before person said yes");
            lab.person_says(|_| Say::Person);
            lab.person.says(Say::Person);
            answers.join().expect("each is done");
        });
        assert_eq!(lab.lookups(), [], "one lookup each");
        let lines = lab.log()[before.len()..].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, 4, "each change is one line");
        // As it was, for the next round.
        let _ = (lab.call("DELETE", 2).expect(204), lab.call("POST", 5).expect(201));
        lab.lookups();
    }
    faults::report(
        "a change overtakes its lookup",
        &format!("{} operations", rounds * OPERATIONS.len()),
        "0 bytes written before person's yes; 1 lookup each",
    );
}
