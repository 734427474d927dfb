//! Nobody at person's address, and somebody who takes connections and never reads.

use std::net::TcpListener;
use std::time::Instant;

use testkit::{Answer, FakePerson};

use super::lab::{BOUND, Lab, OPERATIONS, at_once, crowd, spread};

/// More than the system accepts on behalf of one who does not.
const CLIENTS: usize = 320;

fn ask(lab: &Lab, number: usize) -> (Answer, std::time::Duration) {
    let (method, id, _) = OPERATIONS[number % OPERATIONS.len()];
    let start = Instant::now();
    (lab.call(method, id), start.elapsed())
}

/// Each is told this, or that too many were waiting; gives how many were told this.
fn told(answers: &[(Answer, std::time::Duration)], status: u16, slug: &str) -> usize {
    let told = answers.iter().filter(|(answer, took)| {
        assert!(*took < BOUND, "{took:?}");
        let right = answer.status == status && answer.text().contains(&format!("/problems/{slug}\""));
        let busy = answer.status == 503 && answer.text().contains("/problems/too-busy\"");
        assert!(right || busy, "{}", answer.text());
        assert_eq!(answer.header("retry-after"), (answer.status == 503).then_some("1"));
        right
    });
    told.count()
}

#[test]
fn where_nobody_listens_everybody_is_told_at_once_and_nothing_is_written() {
    let _crowd = crowd();
    let mut lab = Lab::new();
    let before = lab.log();
    let address = lab.person.address();
    drop(std::mem::replace(&mut lab.person, FakePerson::start()));
    let (mut times, mut refused, rounds) = (Vec::new(), 0, faults::scaled(2));
    for _ in 0..rounds {
        let answers = at_once(CLIENTS, |number| ask(&lab, number));
        refused += told(&answers, 503, "person-unreachable");
        times.extend(answers.into_iter().map(|(_, took)| took));
        let _ = lab.client.get("/livez").expect(200);
    }
    assert!(refused > 0);
    assert!(lab.log() == before, "something was written");
    lab.person = FakePerson::start_at(address).expect("the port is free again");
    let _ = lab.call("GET", 1).expect(200);
    faults::report(
        "nobody listens where person was",
        &format!("{} operations, {CLIENTS} at once", rounds * CLIENTS),
        &format!(
            "{refused} person-unreachable, {} too-busy, 0 others; {}; well with person's first answer",
            rounds * CLIENTS - refused,
            spread(times)
        ),
    );
}

#[test]
fn where_somebody_takes_connections_and_never_reads_everybody_is_told_in_time() {
    let _crowd = crowd();
    // It never accepts either: the system does, until its queue is full.
    let deaf = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", deaf.local_addr().expect("it is bound"));
    let lab = Lab::asking(&url, FakePerson::start());
    let before = lab.log();
    let answers = at_once(CLIENTS, |number| ask(&lab, number));
    let late = told(&answers, 504, "person-timeout");
    assert!(late >= 64, "{late}");
    assert!(lab.log() == before, "something was written");
    faults::report(
        "person takes connections and never reads",
        &format!("{CLIENTS} operations at once"),
        &format!(
            "{late} person-timeout, {} too-busy, 0 others; {}",
            CLIENTS - late,
            spread(answers.into_iter().map(|(_, took)| took).collect())
        ),
    );
}
