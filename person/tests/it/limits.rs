//! How large a head may be, and how many connections there may be.

use testkit::{Answer, Wire, eventually};

use crate::lab::{LIVE, Lab, place};

fn get(lab: &Lab, target: &str, headers: &str) -> Answer {
    let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n");
    let mut wire = lab.wire();
    wire.send(head);
    wire.answer()
}

#[test]
fn a_target_over_two_kibibytes_is_414() {
    let lab = Lab::new();
    let target = |length: usize| format!("/{}", "a".repeat(length - 1));
    get(&lab, &target(2048), "").expect_problem(404, "no-such-route");
    get(&lab, &target(2049), "").expect_problem(414, "target-too-long");
    get(&lab, &format!("/livez?{}", "a".repeat(2048)), "").expect_problem(414, "target-too-long");
    let beyond = get(&lab, &target(20_000), "").status;
    assert!([414, 431].contains(&beyond), "{beyond}");
}

#[test]
fn a_header_block_over_eight_kibibytes_is_431() {
    let lab = Lab::new();
    let one = |length: usize| format!("X: {}\r\n", "a".repeat(length));
    let _ = get(&lab, "/livez", &one(8000)).expect(200);
    assert_eq!(get(&lab, "/livez", &one(8192)).status, 431);
    assert_eq!(get(&lab, "/livez", &one(1000).repeat(9)).status, 431);
    let _ = lab.anybody().get("/livez").expect(200);
}

#[test]
fn sixty_four_fields_are_read_and_one_more_is_431() {
    let lab = Lab::new();
    // `get` sends two of its own.
    let _ = get(&lab, "/livez", &"X: y\r\n".repeat(62)).expect(200);
    assert_eq!(get(&lab, "/livez", &"X: y\r\n".repeat(63)).status, 431);
}

#[test]
fn a_connection_past_1024_is_told_to_come_back_and_the_others_live_on() {
    let place = place();
    let mut service = place.serve();
    let client = service.client();
    let mut open: Vec<Wire> = (0..1024).map(|_| Wire::to(client.address())).collect();
    let mut refused = Wire::to(client.address());
    let answer = refused.answer().expect(503);
    assert_eq!(
        (answer.header("retry-after"), answer.header("content-type")),
        (Some("1"), Some("application/problem+json"))
    );
    assert_eq!(answer.json()["type"], "/problems/too-busy");
    refused.expect_closed();
    for wire in open.iter_mut().step_by(100) {
        wire.send(LIVE);
        let _ = wire.answer().expect(200);
    }
    drop(open);
    eventually("there is room again", || {
        client.call("GET", "/livez").try_send().ok().filter(|answer| answer.status == 200)
    });
}
