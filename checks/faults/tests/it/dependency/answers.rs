//! Each way in which person may answer or fail to, under each of the five operations: the status that the contract's
//! table says, one lookup, and the log as it was.

use std::collections::BTreeSet;

use testkit::{Answer, Say};

use super::lab::{Lab, OPERATIONS, at_once, lookup, person};

/// What person does, and what health then answers: a status and a kind of problem.
pub(crate) struct Behaviour {
    pub(crate) what: &'static str,
    pub(crate) says: fn(i64) -> Say,
    pub(crate) status: u16,
    pub(crate) slug: &'static str,
}

impl Behaviour {
    /// Whether person ends the connection without a byte: then a lookup on a kept one is made once more.
    pub(crate) fn says_nothing(&self) -> bool {
        matches!((self.says)(1), Say::Close | Say::Reset)
    }
}

const fn behaviour(what: &'static str, status: u16, slug: &'static str, says: fn(i64) -> Say) -> Behaviour {
    Behaviour { what, says, status, slug }
}

fn bytes(bytes: &str) -> Say {
    Say::Bytes(bytes.to_owned())
}

fn stall(bytes: &str) -> Say {
    Say::Stall(bytes.to_owned())
}

/// Good but for its status line and what else is in the head.
fn under_head(head: &str, id: i64) -> Say {
    let body = person(id);
    Say::Bytes(format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

const LATE: &str = "person-timeout";
const AWAY: &str = "person-unreachable";
const BROKEN: &str = "person-broken";

/// The quickest first, those that take their second last.
pub(crate) const BEHAVIOURS: &[Behaviour] = &[
    behaviour("404", 404, "no-such-person", |_| Say::status(404)),
    behaviour("401", 401, "invalid-token", |_| Say::status(401)),
    behaviour("403", 403, "insufficient-scope", |_| Say::status(403)),
    behaviour("503", 503, AWAY, |_| Say::status(503)),
    behaviour("closes", 503, AWAY, |_| Say::Close),
    behaviour("resets", 503, AWAY, |_| Say::Reset),
    behaviour("500", 502, BROKEN, |_| Say::status(500)),
    behaviour("500 with a person in it", 502, BROKEN, |id| Say::Answer(500, person(id))),
    behaviour("201", 502, BROKEN, |id| Say::Answer(201, person(id))),
    behaviour("203", 502, BROKEN, |id| Say::Answer(203, person(id))),
    behaviour("204", 502, BROKEN, |_| bytes("HTTP/1.1 204 No Content\r\n\r\n")),
    behaviour("304", 502, BROKEN, |_| bytes("HTTP/1.1 304 Not Modified\r\n\r\n")),
    behaviour("101", 502, BROKEN, |_| {
        bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
    }),
    behaviour("100 and no more", 502, BROKEN, |_| bytes("HTTP/1.1 100 Continue\r\n\r\n")),
    behaviour("103 and no more", 502, BROKEN, |_| bytes("HTTP/1.1 103 Early Hints\r\n\r\n")),
    // Were it followed, a good answer would wait there.
    behaviour("redirects to a good answer", 502, BROKEN, |id| {
        under_head(&format!("302 Found\r\nLocation: /moved/{id}"), id)
    }),
    behaviour("308 to a good answer", 502, BROKEN, |id| {
        under_head(&format!("308 Permanent Redirect\r\nLocation: /moved/{id}"), id)
    }),
    behaviour("another id", 502, BROKEN, |id| Say::body(person(id + 1))),
    behaviour("the id with its sign changed", 502, BROKEN, |id| Say::body(person(-id))),
    behaviour("the id as text", 502, BROKEN, |id| Say::body(format!(r#"{{"id":"{id}","name":"Ada"}}"#))),
    behaviour("the id as a fraction", 502, BROKEN, |id| {
        Say::body(format!(r#"{{"id":{id}.0,"name":"Ada"}}"#))
    }),
    behaviour("no name", 502, BROKEN, |id| Say::body(format!(r#"{{"id":{id}}}"#))),
    behaviour("nothing", 502, BROKEN, |_| Say::body("")),
    behaviour("a page", 502, BROKEN, |_| Say::body("<h1>It works!</h1>")),
    behaviour("a megabyte", 502, BROKEN, |id| {
        Say::body(format!(r#"{{"id":{id},"name":"{}"}}"#, "x".repeat(1024 * 1024)))
    }),
    // Whoever keeps what comes would have 64 of these to keep at once.
    behaviour("a megabyte of two, and then nothing", 502, BROKEN, |_| {
        stall(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", 2 << 20, "x".repeat(1 << 20)))
    }),
    behaviour("a megabyte of head", 502, BROKEN, |id| {
        under_head(&format!("200 OK\r\nX: {}", "x".repeat(1024 * 1024)), id)
    }),
    behaviour("garbage", 502, BROKEN, |_| bytes("\u{1}\u{2}\u{3}\r\n\r\n\u{fffd}\u{0}")),
    behaviour("the greeting of another protocol", 502, BROKEN, |_| bytes("220 mail ESMTP\r\n")),
    behaviour("a head cut off", 502, BROKEN, |_| bytes("HTTP/1.1 200 OK\r\nContent-Le")),
    behaviour("a body cut off", 502, BROKEN, |id| {
        Say::Bytes(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
            person(id).len() + 1,
            person(id)
        ))
    }),
    behaviour("chunks cut off", 502, BROKEN, |id| {
        let body = person(id);
        Say::Bytes(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n",
            body.len()
        ))
    }),
    behaviour("hangs", 504, LATE, |_| Say::Hang),
    behaviour("drips", 504, LATE, |_| Say::Drip),
    behaviour("drips its body", 504, LATE, |_| Say::DripBody),
    behaviour("hangs after half a head", 504, LATE, |_| stall("HTTP/1.1 200 OK\r\nContent-")),
    behaviour("hangs after 103", 504, LATE, |_| stall("HTTP/1.1 103 Early Hints\r\n\r\n")),
    behaviour("hangs before the last byte", 504, LATE, |id| {
        let body = person(id);
        let (all_but_one, _) = body.split_at(body.len() - 1);
        Say::Stall(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{all_but_one}", body.len()))
    }),
    behaviour("404 that hangs before its body", 504, LATE, |_| {
        stall("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n")
    }),
];

#[test]
fn each_answer_of_person_has_its_status_under_each_operation_after_one_lookup_and_nothing_is_written() {
    let lab = Lab::new();
    let before = lab.log();
    let (quick, slow): (Vec<_>, Vec<_>) = BEHAVIOURS.iter().partition(|one| one.status != 504);
    let (mut tried, mut again, mut known) = (0, 0, BTreeSet::new());
    for _ in 0..faults::scaled(1) {
        for behaviour in &quick {
            lab.person_says(behaviour.says);
            let answers = at_once(OPERATIONS.len(), |number| {
                let (method, id, _) = OPERATIONS[number];
                check(behaviour, method, lab.call(method, id));
                (method, id)
            });
            tried += answers.len();
            let lookups = lab.lookups();
            for (method, id) in answers {
                let on: Vec<usize> =
                    lookups.iter().filter(|(whose, _)| *whose == id).map(|(_, on)| *on).collect();
                // The one retry that is documented: of a lookup that a kept connection lost without a byte.
                let stale = behaviour.says_nothing() && known.contains(&on[0]);
                let what = behaviour.what;
                assert_eq!(on.len(), if stale { 2 } else { 1 }, "{what}, {method}: lookups on {on:?}");
                assert!(!stale || !known.contains(&on[1]), "{what}: tried again on another kept connection");
                again += usize::from(stale);
            }
            known.extend(lookups.into_iter().map(|(_, on)| on));
            assert!(lab.log() == before, "{}: something was written", behaviour.what);
        }
        tried += all_at_once(&lab, &slow);
        assert!(lab.log() == before, "something was written");
    }
    // It is over as soon as person makes sense again, and then each operation does what it is for.
    lab.person_says(|_| Say::Person);
    for (method, id, status) in OPERATIONS {
        let _ = lab.call(method, id).expect(status);
    }
    assert!(lab.log() != before, "something is written");
    faults::report(
        "person answers wrongly or not at all",
        &format!("{tried} operations, {} behaviours under 5 operations", BEHAVIOURS.len()),
        &format!(
            "each the contract's status after 1 lookup ({again} tried again on a stale connection); 0 bytes written"
        ),
    );
}

fn check(behaviour: &Behaviour, method: &str, answer: Answer) {
    let what = format!("{}, {method}", behaviour.what);
    assert_eq!(answer.status, behaviour.status, "{what}: {}", answer.text());
    let answer = answer.expect_problem(behaviour.status, behaviour.slug);
    assert_eq!(answer.header("retry-after"), (answer.status == 503).then_some("1"), "{what}");
}

/// What takes its second, each on persons of its own. Gives how many operations that were.
fn all_at_once(lab: &Lab, behaviours: &[&Behaviour]) -> usize {
    let mut operations = Vec::new();
    for (behaviour, hundred) in behaviours.iter().zip(1..) {
        for (method, id, _) in OPERATIONS {
            let id = hundred * 100 + id;
            lab.person.says_at(&lookup(id), (behaviour.says)(id));
            operations.push((*behaviour, method, id));
        }
    }
    at_once(operations.len(), |number| {
        let (behaviour, method, id) = operations[number];
        check(behaviour, method, lab.call(method, id));
    });
    let asked: Vec<i64> = lab.lookups().into_iter().map(|(id, _)| id).collect();
    for (behaviour, method, id) in &operations {
        let lookups = asked.iter().filter(|asked| *asked == id).count();
        assert_eq!(lookups, 1, "{}, {method}", behaviour.what);
    }
    operations.len()
}

#[test]
fn what_comes_behind_an_answer_is_not_taken_for_the_next_one() {
    let lab = Lab::new();
    let surplus = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
    let followed = |id| {
        let body = person(id);
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}{surplus}", body.len())
    };
    let rounds = faults::scaled(20);
    for _ in 0..rounds {
        lab.person.says_at("/persons/1", Say::Onward(followed(1)));
        let _ = lab.call("GET", 1).expect(200);
        let _ = lab.call("PUT", 3).expect(200);
        lab.person.says_at("/persons/1", Say::Onward(format!("HTTP/1.1 204 No Content\r\n\r\n{surplus}")));
        lab.call("GET", 1).expect_problem(502, "person-broken");
        let _ = lab.call("PUT", 3).expect(200);
    }
    faults::report(
        "person sends an answer and a 404 behind it",
        &format!("{} operations", rounds * 4),
        "0 took the 404 for theirs",
    );
}

#[test]
fn what_person_says_beforehand_does_not_hide_its_answer() {
    let lab = Lab::new();
    for interim in ["100 Continue", "102 Processing", "103 Early Hints\r\nLink: </x>"] {
        lab.person_says(|id| {
            let body = person(id);
            let good = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            Say::Onward(format!("HTTP/1.1 {interim}\r\n\r\n{good}"))
        });
        let _ = lab.call("PUT", 3).expect(200);
        assert_eq!(lab.lookups().len(), 1, "{interim}");
    }
}
