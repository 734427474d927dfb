//! The corpus, changed at random. Any status below 500 is accepted, and 501 of a changed transfer coding; every answer must
//! be well-formed.

use faults::{Random, report, scaled};

use super::corpus;
use super::talk::{MARKED, Way, answers, has_trace, marker, talk};
use super::target::{Target, against_each};

/// Bytes with a meaning in HTTP, separated by `|`.
const MEANINGFUL: &str = "\r\n|\n|\r|\0| |\t|:|,|;|0|-|\u{ff}|\r\n\r\n|{|\"|%|/|Transfer-Encoding: chunked\r\n|\
                          Content-Length: 3\r\n|Connection: close\r\n|0\r\n\r\n";

#[test]
fn mutated_requests_get_well_formed_answers_and_no_500() {
    let count = scaled(400);
    against_each(|target| {
        let mut random = Random::seeded(&format!("mutations, {}", target.name()));
        for _ in 0..count {
            try_one(target, &mut random);
        }
        let _ = target.service.client.get("/livez").expect(200);
    });
    report("random changes of hostile bytes", &format!("{count} on each of 3 services"), "no 500, no hang");
}

fn try_one(target: &Target, random: &mut Random) {
    let entries: Vec<_> = corpus::all().filter(|entry| entry.bytes.len() < 2000).collect();
    let mut bytes = target.fill(&entries[random.number(0..entries.len())].bytes);
    for _ in 0..random.number(1..4) {
        change(&mut bytes, random);
    }
    let mut sent = bytes.clone();
    sent.extend_from_slice(marker().as_bytes());
    let pieces = if random.number(0..4) == 0 { random.number(1..41) } else { usize::MAX };
    let received = talk(target.address(), &sent, Way { pieces, half_close: true })
        .unwrap_or_else(|hung| panic!("{}: {hung}: {:?}", target.name(), text(&sent)));
    let dialogue = || format!("{}: {:?}\n{:?}", target.name(), text(&sent), text(&received));
    // The answer to a `HEAD` has no body, and only a parser could find the request that it belongs to.
    if text(&bytes).contains("HEAD ") {
        return;
    }
    let answers = answers(&received, &[]).unwrap_or_else(|error| panic!("{error} in {}", dialogue()));
    assert!(answers.iter().all(|answer| answer.status < 500 || answer.status == 501), "{}", dialogue());
    // The answer to the marker is the last one, or is missing.
    let marked: Vec<_> = answers.iter().filter(|answer| has_trace(answer, MARKED)).collect();
    assert!(marked.len() <= 1, "{}", dialogue());
    let is_last = answers.last().is_some_and(|last| has_trace(last, MARKED));
    assert!(marked.is_empty() || is_last, "{}", dialogue());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Flips a bit, removes or doubles some bytes, or inserts a meaningful word.
fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.number(0..bytes.len() + 1);
    let end = (at + random.number(1..9)).min(bytes.len());
    match random.number(0..4) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.number(0..8),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let doubled = bytes[at..end].to_vec();
            bytes.splice(at..at, doubled);
        }
        _ => {
            let words: Vec<&str> = MEANINGFUL.split('|').collect();
            bytes.splice(at..at, words[random.number(0..words.len())].bytes());
        }
    }
}
