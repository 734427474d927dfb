//! Raw requests, with the answer expected for each. The three services share their way of reading bytes, but it is
//! three binaries that are reached: so every attack is made on all of them.
//!
//! The corpus is data: see `corpus`.

mod corpus;
mod crowds;
mod mutations;
mod services;
mod slow;
mod talk;

use faults::report;

use corpus::{Entry, Then};
use services::{SMUGGLED, Service, against_each};
use talk::{MARKED, Way, answers, is_of, marker, talk};

#[test]
fn every_request_of_the_corpus_gets_its_answer_and_none_is_smuggled() {
    let entries: Vec<&Entry> = corpus::all().collect();
    against_each(|service| {
        let wrong: Vec<String> = entries.iter().filter_map(|entry| try_entry(service, entry).err()).collect();
        assert!(wrong.is_empty(), "{}: {} wrong\n{}", service.name, wrong.len(), wrong.join("\n"));
        // None of the requests in the bodies was carried out; each would have been.
        assert_eq!(service.created(), 0, "{}", service.name);
        let way = Way { pieces: usize::MAX, half_close: true };
        let control = talk(service.client.address(), &service.fill(b"{create}"), way).unwrap();
        let control = answers(&control, &[]).unwrap();
        assert!(control.len() == 1 && control[0].status == 201 && is_of(&control[0], SMUGGLED));
        assert_eq!(service.created(), 1, "{}", service.name);
    });
    let tried = format!("{} kinds, each whole and in pieces, on 3 services", entries.len());
    report("hostile bytes", &tried, "each answered as the table says; none smuggled, none hung, no 500");
}

/// Sends an entry at once, and in pieces as small as they can be.
fn try_entry(service: &Service, entry: &Entry) -> Result<(), String> {
    let mut bytes = service.fill(&entry.bytes);
    let half_close = entry.then == Then::IsCut;
    if !half_close {
        bytes.extend_from_slice(marker().as_bytes());
    }
    let small = if bytes.len() < 2000 { 1 } else { 1000 };
    for pieces in [usize::MAX, small] {
        let heard = talk(service.client.address(), &bytes, Way { pieces, half_close })
            .map_err(|hung| format!("{}: {hung}", entry.what))?;
        let fault = |what: String| {
            format!("{} in pieces of {pieces}: {what}: {:?}", entry.what, String::from_utf8_lossy(&heard))
        };
        let answers = answers(&heard, &[entry.bytes.starts_with(b"HEAD")]).map_err(fault)?;
        let (marked, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| is_of(answer, MARKED));
        let statuses: Vec<u16> = others.iter().map(|answer| answer.status).collect();
        if statuses != entry.answers {
            return Err(fault(format!("{statuses:?} and not {:?}", entry.answers)));
        }
        if others.iter().any(|answer| is_of(answer, SMUGGLED)) {
            return Err(fault("a smuggled request was answered".to_owned()));
        }
        let marked: Vec<u16> = marked.iter().map(|answer| answer.status).collect();
        let expected: &[u16] = if entry.then == Then::GoesOn { &[200] } else { &[] };
        if marked != expected {
            return Err(fault(format!("the next request got {marked:?} and not {expected:?}")));
        }
    }
    Ok(())
}
