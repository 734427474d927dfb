//! Each way in which person can answer or fail, under load: the status of the contract, an unchanged file, a live process
//! with bounded memory, and recovery with person's first good answer.

use std::thread;
use std::time::{Duration, Instant};

use faults::{at_once, percentiles, report, scaled};
use testkit::{Answer, Response};

use super::health::{BOUND, HealthUnderTest, OPERATIONS, crowd, is_too_busy, person};

/// The clients of a storm. Behaviours of one kind need only one storm.
const CLIENTS: usize = 320;
/// The limit for the growth of the process in KiB after a first storm of good lookups: 64 bodies and heads of 64 KiB, each
/// in a buffer that was doubled until it fitted, and the allocator's memory for each thread. 64 complete answers of a
/// megabyte would be twice as much.
const GROWTH_KIB: u64 = 32 * 1024;

/// A behaviour of person, the status and the problem type of health's answer, and whether a storm meets it.
type Behaviour = (&'static str, u16, &'static str, fn(i64) -> Response, bool);

const TIMEOUT: &str = "person-timeout";
const UNREACHABLE: &str = "person-unreachable";
const BROKEN: &str = "person-broken";

#[rustfmt::skip]
const BEHAVIOURS: &[Behaviour] = &[
    ("404", 404, "no-such-person", |_| Response::status(404), true),
    ("401", 401, "invalid-token", |_| Response::status(401), false),
    ("403", 403, "insufficient-scope", |_| Response::status(403), false),
    ("404 of a web server", 502, BROKEN, |_| Response::Answer(404, "<h1>Not Found</h1>".to_owned()), true),
    ("404 of another service of the lab", 502, BROKEN, |_| problem(404, "no-such-route"), false),
    ("404 without a body", 502, BROKEN, |_| Response::Answer(404, String::new()), false),
    ("401 of a web server", 502, BROKEN, |_| Response::Answer(401, "<h1>Log in</h1>".to_owned()), false),
    ("401 of another type", 502, BROKEN, |_| problem(401, "insufficient-scope"), false),
    ("403 of a web server", 502, BROKEN, |_| Response::Answer(403, "<h1>Forbidden</h1>".to_owned()), false),
    ("403 of another type", 502, BROKEN, |_| problem(403, "limit-reached"), false),
    ("503", 503, UNREACHABLE, |_| Response::status(503), true),
    ("closes", 503, UNREACHABLE, |_| Response::Close, true),
    ("resets", 503, UNREACHABLE, |_| Response::Reset, true),
    ("500", 502, BROKEN, |_| Response::status(500), true),
    ("500 with a person in it", 502, BROKEN, |id| Response::Answer(500, person(id)), false),
    ("201", 502, BROKEN, |id| Response::Answer(201, person(id)), false),
    ("203", 502, BROKEN, |id| Response::Answer(203, person(id)), false),
    ("204", 502, BROKEN, |_| bytes("HTTP/1.1 204 No Content\r\n\r\n"), false),
    ("304", 502, BROKEN, |_| bytes("HTTP/1.1 304 Not Modified\r\n\r\n"), false),
    ("101", 502, BROKEN, |_| bytes("HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), false),
    ("100 alone", 502, BROKEN, |_| bytes("HTTP/1.1 100 Continue\r\n\r\n"), false),
    ("103 alone", 502, BROKEN, |_| bytes("HTTP/1.1 103 Early Hints\r\n\r\n"), false),
    // A client that follows the redirect finds a good answer.
    ("302 to a good answer", 502, BROKEN, |id| head(&format!("302 Found\r\nLocation: /moved/{id}"), id), true),
    ("308 to a good answer", 502, BROKEN, |id| head(&format!("308 Moved\r\nLocation: /moved/{id}"), id), false),
    ("another id", 502, BROKEN, |id| Response::body(person(id + 1)), true),
    ("the negative id", 502, BROKEN, |id| Response::body(person(-id)), false),
    ("the id as text", 502, BROKEN, |id| Response::body(format!(r#"{{"id":"{id}","name":"Ada"}}"#)), false),
    ("the id as a fraction", 502, BROKEN, |id| Response::body(format!(r#"{{"id":{id}.0,"name":"Ada"}}"#)), false),
    ("no name", 502, BROKEN, |id| Response::body(format!(r#"{{"id":{id}}}"#)), false),
    ("an empty body", 502, BROKEN, |_| Response::body(""), false),
    ("a page", 502, BROKEN, |_| Response::body("<h1>It works!</h1>"), false),
    ("a megabyte", 502, BROKEN, |id| Response::body(person(id).replace("Ada", &megabyte())), true),
    ("one megabyte of two", 502, BROKEN, |_| stall(&format!("200 OK\r\nContent-Length: {}\r\n\r\n{}", 2 << 20, megabyte())), true),
    ("a megabyte of head", 502, BROKEN, |id| head(&format!("200 OK\r\nX: {}", megabyte()), id), true),
    ("garbage", 502, BROKEN, |_| bytes("\u{1}\u{2}\u{3}\r\n\r\n\u{fffd}\u{0}"), true),
    ("the greeting of another protocol", 502, BROKEN, |_| bytes("220 mail ESMTP\r\n"), false),
    ("a head cut short", 502, BROKEN, |_| bytes("HTTP/1.1 200 OK\r\nContent-Le"), false),
    ("a body cut short", 502, BROKEN, |id| bytes(&good(id)[..good(id).len() - 1]), true),
    ("chunks cut short", 502, BROKEN, |_| bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n"), false),
    ("hangs", 504, TIMEOUT, |_| Response::Hang, true),
    ("drips", 504, TIMEOUT, |_| Response::Drip, false),
    ("drips its body", 504, TIMEOUT, |_| Response::DripBody, true),
    ("hangs in the head", 504, TIMEOUT, |_| stall("200 OK\r\nContent-"), false),
    ("hangs after 103", 504, TIMEOUT, |_| stall("103 Early Hints\r\n\r\n"), false),
    ("hangs before the last byte", 504, TIMEOUT, |id| Response::Stall(good(id)[..good(id).len() - 1].to_owned()), false),
    ("404 that hangs before its body", 504, TIMEOUT, |_| stall("404 Not Found\r\nContent-Length: 2\r\n\r\n"), false),
];

fn problem(status: u16, slug: &str) -> Response {
    Response::Answer(status, format!(r#"{{"type":"/problems/{slug}","status":{status}}}"#))
}

fn bytes(bytes: &str) -> Response {
    Response::Bytes(bytes.to_owned())
}

fn stall(answer: &str) -> Response {
    Response::Stall(format!("HTTP/1.1 {answer}"))
}

/// A good body under another status line and further fields.
fn head(head: &str, id: i64) -> Response {
    let body = person(id);
    Response::Bytes(format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

fn good(id: i64) -> String {
    let body = person(id);
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn megabyte() -> String {
    "x".repeat(1 << 20)
}

#[test]
fn each_behaviour_of_person_gets_its_status_under_load() {
    let _crowd = crowd();
    let health = HealthUnderTest::start();
    // After this, every thread has run and has its buffers.
    for _ in 0..2 {
        at_once(CLIENTS, |_| drop(health.call("GET", 1)));
    }
    let (before, small) = (health.file(), health.service.peak_kib());
    let (mut tried, mut busy, mut late, mut times, mut probes) = (0, 0, 0, Vec::new(), Vec::new());
    for _ in 0..scaled(1) {
        for behaviour @ (what, status, _, says, storms) in BEHAVIOURS {
            health.lookups();
            health.person_says(says);
            for (answer, _) in at_once(OPERATIONS.len(), |number| health.call_in_time(number)) {
                check(answer, behaviour);
            }
            tried += OPERATIONS.len();
            // One lookup for each operation, and at most one retry.
            let lookups = health.lookups().len();
            assert!((5..=10).contains(&lookups), "{what}: {lookups} lookups");
            if *storms {
                let (answers, probed) = storm(&health);
                tried += answers.len();
                probes.extend(probed);
                for (answer, took) in answers {
                    if *status == 504 {
                        times.push(took);
                    }
                    match answer.status {
                        _ if is_too_busy(&answer) => busy += 1,
                        // On a busy machine the scripted person service itself may exceed its second.
                        504 if took >= Duration::from_secs(1) => late += 1,
                        _ => check(answer, behaviour),
                    }
                }
            }
            assert!(health.file() == before, "{what}: the file was changed");
            health.person_says(|_| Response::Person);
            assert_eq!(health.call("GET", 1).status, 200, "{what}: health recovers with person");
        }
    }
    let grown = health.service.peak_kib() - small;
    assert!(grown < GROWTH_KIB, "{grown} KiB more than the {small} KiB before");
    for (method, id, status) in OPERATIONS {
        let _ = health.call(method, id).expect(status);
    }
    assert!(health.file() != before, "writes change the file once person answers");
    report(
        "person answers wrongly or not at all",
        &format!(
            "{tried} operations, up to {CLIENTS} at once, {} behaviours under 5 operations",
            BEHAVIOURS.len()
        ),
        &format!(
            "each has the contract's status, {busy} of them too-busy and {late} person-timeout; 0 bytes written; \
             while person hangs: {}; {} /livez all 200 ({}); peak memory {small} KiB before, then {grown} KiB more",
            percentiles(times),
            probes.len(),
            percentiles(probes)
        ),
    );
}

/// Sends operations at once while `/livez` is probed; returns the answers and the times of the probes.
fn storm(health: &HealthUnderTest) -> (Vec<(Answer, Duration)>, Vec<Duration>) {
    thread::scope(|scope| {
        let answers = scope.spawn(|| at_once(CLIENTS, |number| health.call_in_time(number)));
        let mut probes = Vec::new();
        while probes.is_empty() || !answers.is_finished() {
            let start = Instant::now();
            let _ = health.client.get("/livez").expect(200);
            probes.push(start.elapsed());
            assert!(probes.last() < Some(&BOUND), "/livez took {probes:?}");
        }
        (answers.join().expect("each operation is answered"), probes)
    })
}

fn check(answer: Answer, (what, status, slug, ..): &Behaviour) {
    assert_eq!(answer.status, *status, "{what}: {}", answer.text());
    let answer = answer.expect_problem(*status, slug);
    assert_eq!(answer.header("retry-after"), (*status == 503).then_some("1"), "{what}");
}

#[test]
fn surplus_bytes_are_not_taken_for_the_next_answer() {
    let health = HealthUnderTest::start();
    let surplus = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
    let rounds = scaled(20);
    for _ in 0..rounds {
        health.person.says_at("/persons/1", Response::Onward(good(1) + surplus));
        let _ = health.call("GET", 1).expect(200);
        let _ = health.call("PUT", 3).expect(200);
        let no_content = format!("HTTP/1.1 204 No Content\r\n\r\n{surplus}");
        health.person.says_at("/persons/1", Response::Onward(no_content));
        health.call("GET", 1).expect_problem(502, "person-broken");
        let _ = health.call("PUT", 3).expect(200);
    }
    let tried = format!("{} operations", rounds * 4);
    report("person sends an extra 404 after its answer", &tried, "0 operations used the 404");
}

#[test]
fn interim_answers_do_not_hide_the_final_one() {
    let health = HealthUnderTest::start();
    for interim in ["100 Continue", "102 Processing", "103 Early Hints\r\nLink: </x>"] {
        health.person_says(|id| Response::Onward(format!("HTTP/1.1 {interim}\r\n\r\n{}", good(id))));
        let _ = health.call("PUT", 3).expect(200);
        assert_eq!(health.lookups().len(), 1, "{interim}");
    }
}
