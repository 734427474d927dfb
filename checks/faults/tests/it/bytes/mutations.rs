//! The corpus, changed at random: what nobody thought of. What the answers are is open; that they are answers is not.

use faults::{report, scaled};

use super::corpus;
use super::services::{Service, against_each};
use super::talk::{MARKED, Way, answers, is_of, marker, talk};

/// Bytes that mean something to a parser of HTTP.
const MEANINGFUL: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b"0",
    b"-",
    b"\xff",
    b"\r\n\r\n",
    b"{",
    b"\"",
    b"%",
    b"/",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 3\r\n",
    b"Connection: close\r\n",
    b"0\r\n\r\n",
];

#[test]
fn whatever_is_sent_the_answers_are_well_formed_and_no_500_and_the_next_one_is_its_own() {
    let count = scaled(400);
    against_each(|service| {
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ service.name.len() as u64);
        for _ in 0..count {
            try_one(service, &mut random);
        }
        let _ = service.client.get("/livez").expect(200);
    });
    report("random changes of hostile bytes", &format!("{count} on each of 3 services"), "no 500, none hung");
}

fn try_one(service: &Service, random: &mut Random) {
    let entries: Vec<_> = corpus::all().filter(|entry| entry.bytes.len() < 2000).collect();
    let mut bytes = service.fill(&entries[random.below(entries.len())].bytes);
    for _ in 0..=random.below(3) {
        change(&mut bytes, random);
    }
    let mut sent = bytes.clone();
    sent.extend_from_slice(marker().as_bytes());
    let pieces = if random.below(4) == 0 { 1 + random.below(40) } else { usize::MAX };
    let heard = talk(service.client.address(), &sent, Way { pieces, half_close: true })
        .unwrap_or_else(|hung| panic!("{}: {hung}: {:?}", service.name, text(&sent)));
    let said = || format!("{}: {:?}\n{:?}", service.name, text(&sent), text(&heard));
    // A `HEAD` among them has no body, and which answer is its own only a parser could tell.
    if text(&bytes).contains("HEAD ") {
        return;
    }
    let answers = answers(&heard, &[]).unwrap_or_else(|fault| panic!("{fault} in {}", said()));
    assert!(answers.iter().all(|answer| answer.status < 500), "{}", said());
    // The marker is answered last, as itself, or not at all.
    let marked: Vec<_> = answers.iter().filter(|answer| is_of(answer, MARKED)).collect();
    assert!(marked.len() <= 1, "{}", said());
    assert!(marked.is_empty() || answers.last().is_some_and(|last| is_of(last, MARKED)), "{}", said());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Changes a byte, takes some out, doubles some, or puts something in.
fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + 1 + random.below(8)).min(bytes.len());
    match random.below(4) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let doubled = bytes[at..end].to_vec();
            bytes.splice(at..at, doubled);
        }
        _ => drop(bytes.splice(at..at, MEANINGFUL[random.below(MEANINGFUL.len())].iter().copied())),
    }
}

/// Marsaglia's xorshift: always the same numbers, so that what was found is found again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("below a usize")
    }
}
