//! The requests, one row each, in one table for each part of a request. `Target::fill` replaces `{post}`, `{create}`,
//! `{length}` and `{hex}`: the bodies hold complete requests, which a server that miscounts the bytes would answer.
//! `<a*3>` stands for `aaa`, and `{rest}` for the number of bytes after the first empty line.

mod bodies;
mod chunks;
mod heads;
mod lengths;
mod limits;
mod lines;
mod targets;

use std::sync::LazyLock;

/// What happens to the connection after the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next request on it is answered.
    GoesOn,
    /// The service closes it, whatever follows.
    Closes,
    /// The client closes its half within a request: there is no next one.
    IsCut,
}

/// A request, or several.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) what: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) answers: &'static [u16],
    pub(super) then: Then,
}

/// A row of a table: the name, the bytes, the statuses of the answers, and the connection after them.
type Row = (&'static str, &'static [u8], &'static [u16], Then);

/// Returns all entries.
pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let tables = [
            bodies::ROWS,
            chunks::ROWS,
            heads::ROWS,
            lengths::ROWS,
            limits::ROWS,
            lines::ROWS,
            targets::ROWS,
        ];
        let row = |(what, bytes, answers, then): &Row| entry(what, bytes, answers, *then);
        let near = |path: &'static str| {
            entry(path, format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes(), &[404], Then::GoesOn)
        };
        let near = targets::NEAR.split_whitespace().map(near);
        tables.into_iter().flatten().map(row).chain(near).collect()
    });
    ALL.iter()
}

fn entry(what: &'static str, bytes: &[u8], answers: &'static [u16], then: Then) -> Entry {
    let mut bytes = repeat(bytes);
    if let Some(at) = position(&bytes, b"{rest}") {
        let rest = bytes.len() - 4 - position(&bytes, b"\r\n\r\n").expect("an empty line");
        bytes.splice(at..at + 6, rest.to_string().into_bytes());
    }
    Entry { what, bytes, answers, then }
}

/// Replaces each `<text*count>` by `count` copies of the text.
fn repeat(bytes: &[u8]) -> Vec<u8> {
    let Some(start) = bytes.iter().position(|byte| *byte == b'<') else { return bytes.to_vec() };
    let end = start + position(&bytes[start..], b">").expect("the end of a repetition");
    let star = start + bytes[start..end].iter().rposition(|byte| *byte == b'*').expect("a count");
    let count = std::str::from_utf8(&bytes[star + 1..end]).expect("digits").parse().expect("a count");
    [&bytes[..start], &bytes[start + 1..star].repeat(count), &repeat(&bytes[end + 1..])].concat()
}

fn position(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}
