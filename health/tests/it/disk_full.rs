//! A disk without room: the write is refused as a whole, reading goes on, and so does writing once there is
//! room. The kernel's limit on the size of a file stands in for the disk.

use serde_json::json;
use testkit::{FakePerson, eventually, tokens};

use crate::lab::{path, place, record, state};
use crate::log;

#[test]
fn a_full_disk_is_507_with_nothing_half_written_and_reads_and_smaller_writes_go_on() {
    let person = FakePerson::start();
    let place = place(&person);
    // In blocks of 512 bytes. The signal of the limit would end the process before it could answer.
    let mut service = place.serve_after("trap '' XFSZ; ulimit -f 4");
    let ada = service.client().with_token(&tokens::user("ada"));
    // With this one the last full line that fits leaves room for a short one.
    let _ = ada.post(&path(1), &json!({"weight": 70})).expect(201);
    let mut ids = 2..;
    let full = eventually("the disk is full", || {
        let id = ids.next()?;
        let answer = ada.post(&path(id), &record());
        if answer.status == 201 { None } else { Some((id, answer)) }
    });
    let (refused, answer) = full;
    answer.expect_problem(507, "disk-full");
    let known = log::read(&place.path("store"));
    assert_eq!(known.len(), 3 + usize::try_from(refused - 1).expect("small"), "nothing is half-written");
    let before = state(&ada, 1..=refused);
    assert_eq!(before[before.len() - 1], (refused, None));
    assert!(before.iter().rev().skip(1).all(|(_, known)| known.is_some()));
    ada.post(&path(refused), &record()).expect_problem(507, "disk-full");
    // There is room for a shorter line.
    let _ = ada.post(&path(refused), &json!({"weight": 70})).expect(201);
    let after = state(&ada, 1..=refused);
    service.signal("TERM");
    assert!(service.ended().success());
    let mut service = place.serve();
    let ada = service.client().with_token(&tokens::user("ada"));
    assert_eq!(state(&ada, 1..=refused), after);
    let _ = ada.put(&path(refused), &record()).expect(200);
}
