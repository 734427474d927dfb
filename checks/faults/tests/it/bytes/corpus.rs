//! The requests, a file for each matter. `{post}`, `{create}`, `{length}` and `{hex}` are what `Service::fill` puts in
//! their place: the bodies hold whole requests, which whoever loses count of the bytes would take for requests.

mod bodies;
mod chunks;
mod heads;
mod lengths;
mod limits;
mod lines;
mod targets;

use std::sync::LazyLock;

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next request on it is answered, as itself.
    GoesOn,
    /// The service closes, whatever comes next.
    Closes,
    /// The client sends no more, with half a request on its way: there is no next one.
    IsCut,
}

/// A request, or several.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) what: String,
    pub(super) bytes: Vec<u8>,
    pub(super) answers: Vec<u16>,
    pub(super) then: Then,
}

/// A line of a table.
type Row = (&'static str, &'static [u8], &'static [u16], Then);

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Entry> {
    static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let tables = [bodies::ROWS, chunks::ROWS, heads::ROWS, lengths::ROWS, lines::ROWS, targets::ROWS];
        let written = tables.into_iter().flatten().map(|(what, bytes, answers, then)| Entry {
            what: (*what).to_owned(),
            bytes: bytes.to_vec(),
            answers: answers.to_vec(),
            then: *then,
        });
        written.chain(targets::entries()).chain(limits::entries()).collect()
    });
    ALL.iter()
}
