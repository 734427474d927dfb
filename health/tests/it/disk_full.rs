//! A full disk: the write fails as a whole, reads continue, and so do writes once there is room. A limit on the
//! file size simulates the full disk.

use serde_json::json;
use testkit::{FakePerson, eventually};

use crate::harness::{ada_at, dir, path, record, state};
use crate::log;

#[test]
fn full_disk_is_507_and_reads_continue() {
    let person = FakePerson::start();
    let dir = dir(&person);
    // Four blocks of 512 bytes. The default action of SIGXFSZ would end the process.
    let mut service = dir.serve_after("trap '' XFSZ; ulimit -f 4");
    let ada = ada_at(&mut service);
    // After this short line, the last full line that fits leaves room for another short line.
    let _ = ada.post(&path(1), &json!({"weight": 70})).expect(201);
    let mut ids = 2..;
    let full = eventually("the disk is full", || {
        let id = ids.next()?;
        let answer = ada.post(&path(id), &record());
        if answer.status == 201 { None } else { Some((id, answer)) }
    });
    let (refused, answer) = full;
    answer.expect_problem(507, "disk-full");
    let known = log::read(&dir.path("store"));
    assert_eq!(known.len(), 3 + usize::try_from(refused - 1).expect("small"), "no line is half-written");
    let before = state(&ada, 1..=refused);
    assert_eq!(before[before.len() - 1], (refused, None));
    assert!(before.iter().rev().skip(1).all(|(_, known)| known.is_some()));
    ada.post(&path(refused), &record()).expect_problem(507, "disk-full");
    // A shorter line still fits.
    let _ = ada.post(&path(refused), &json!({"weight": 70})).expect(201);
    let after = state(&ada, 1..=refused);
    service.signal("TERM");
    assert!(service.ended().success());
    let mut service = dir.serve();
    let ada = ada_at(&mut service);
    assert_eq!(state(&ada, 1..=refused), after);
    let _ = ada.put(&path(refused), &record()).expect(200);
}
