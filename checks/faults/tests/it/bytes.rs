//! Raw requests with their expected answers, sent to each of the three services. The services share the code that reads
//! bytes, but each binary could use it wrongly. Limits of time, size and number of connections are tested in
//! `person/tests/it`.

mod aborts;
mod corpus;
mod mutations;
mod talk;
mod target;

use faults::report;

use corpus::{Entry, Then};
use talk::{MARKED, Way, answers, has_trace, marker, talk};
use target::{SMUGGLED, Target, against_each};

#[test]
fn hostile_requests_get_their_answer_and_none_is_smuggled() {
    let entries: Vec<&Entry> = corpus::all().collect();
    against_each(|target| {
        let wrong: Vec<String> = entries.iter().filter_map(|entry| try_entry(target, entry).err()).collect();
        assert!(wrong.is_empty(), "{}: {} wrong\n{}", target.name(), wrong.len(), wrong.join("\n"));
        // The requests in the bodies would each be answered with 201.
        assert_eq!(target.created(), 0, "{}", target.name());
        let way = Way { pieces: usize::MAX, half_close: true };
        let control = talk(target.address(), &target.fill(b"{create}"), way).unwrap();
        let control = answers(&control, &[]).unwrap();
        assert!(control.len() == 1 && control[0].status == 201 && has_trace(&control[0], SMUGGLED));
        assert_eq!(target.created(), 1, "{}", target.name());
    });
    let tried = format!("{} kinds, each sent whole and in pieces, on 3 services", entries.len());
    report("hostile bytes", &tried, "each answered as expected; none smuggled, no hang, no 500");
}

/// Sends an entry at once, and then in pieces.
fn try_entry(target: &Target, entry: &Entry) -> Result<(), String> {
    let mut bytes = target.fill(&entry.bytes);
    let half_close = entry.then == Then::IsCut;
    if !half_close {
        bytes.extend_from_slice(marker().as_bytes());
    }
    let small = if bytes.len() < 2000 { 1 } else { 1000 };
    for pieces in [usize::MAX, small] {
        let received = talk(target.address(), &bytes, Way { pieces, half_close })
            .map_err(|hung| format!("{}: {hung}", entry.what))?;
        let wrong = |what: String| {
            let received = String::from_utf8_lossy(&received);
            format!("{} in pieces of {pieces}: {what}: {received:?}", entry.what)
        };
        let answers = answers(&received, &[entry.bytes.starts_with(b"HEAD")]).map_err(wrong)?;
        let (marked, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| has_trace(answer, MARKED));
        let statuses: Vec<u16> = others.iter().map(|answer| answer.status).collect();
        if statuses != entry.answers {
            return Err(wrong(format!("{statuses:?} and not {:?}", entry.answers)));
        }
        if others.iter().any(|answer| has_trace(answer, SMUGGLED)) {
            return Err(wrong("a smuggled request was answered".to_owned()));
        }
        let marked: Vec<u16> = marked.iter().map(|answer| answer.status).collect();
        let expected: &[u16] = if entry.then == Then::GoesOn { &[200] } else { &[] };
        if marked != expected {
            return Err(wrong(format!("the next request got {marked:?} and not {expected:?}")));
        }
    }
    Ok(())
}
