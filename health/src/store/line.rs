//! One line of the log: a JSON object whose last member is the CRC-32 of all that stands before it.
//!
//! ```text
//! {"seq":12,"commit":13,"op":"put","id":7,"record":{"weight":70.5},"crc":"89abcdef"}
//! {"seq":13,"commit":13,"op":"delete","id":8,"crc":"01234567"}
//! ```
//!
//! `seq` counts the lines. `commit` is the `seq` of the last line that was written together with this one: a
//! line counts only once that one is there.

use std::fmt::{self, Write as _};

use chassis::Id;
use serde::Deserialize;

use crate::vitals::Vitals;

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operation {
    /// From now on this is the record.
    Put(Id, Vitals),
    /// From now on there is no record.
    Delete(Id),
    /// The deletions up to this one in person's feed have been followed.
    Followed(i64),
    /// A file begins: all records that there are follow.
    Snapshot,
    /// That was all of them: so many.
    SnapshotEnd(u64),
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) commit: u64,
    pub(crate) operation: Operation,
}

#[derive(Deserialize)]
struct Members<'l> {
    seq: u64,
    commit: u64,
    op: &'l str,
    id: Option<i64>,
    record: Option<Vitals>,
    followed: Option<i64>,
    records: Option<u64>,
}

/// `,"crc":"89abcdef"}`
const SEAL: usize = 18;

impl Line {
    /// Adds the line to a text, line feed included, and returns how many bytes it has.
    pub(crate) fn write(&self, text: &mut String) -> usize {
        let start = text.len();
        self.write_members(text).expect("writing to a string cannot fail");
        let crc = crc32fast::hash(&text.as_bytes()[start..]);
        writeln!(text, ",\"crc\":\"{crc:08x}\"}}").expect("writing to a string cannot fail");
        text.len() - start
    }

    fn write_members(&self, text: &mut String) -> fmt::Result {
        let Self { seq, commit, operation } = self;
        write!(text, "{{\"seq\":{seq},\"commit\":{commit},\"op\":")?;
        match operation {
            Operation::Put(id, vitals) => {
                let record = serde_json::to_string(vitals).map_err(|_| fmt::Error)?;
                write!(text, "\"put\",\"id\":{id},\"record\":{record}")
            }
            Operation::Delete(id) => write!(text, "\"delete\",\"id\":{id}"),
            Operation::Followed(place) => write!(text, "\"followed\",\"followed\":{place}"),
            Operation::Snapshot => write!(text, "\"snapshot\""),
            Operation::SnapshotEnd(records) => write!(text, "\"snapshot-end\",\"records\":{records}"),
        }
    }

    /// Reads a line without its line feed; `None` where it is not just as [`Line::write`] wrote it.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (sealed, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL)?)?;
        if seal != format!(",\"crc\":\"{:08x}\"}}", crc32fast::hash(sealed)).as_bytes() {
            return None;
        }
        let members: Members<'_> = serde_json::from_slice(bytes).ok()?;
        let operation = match (members.op, members.id, members.record) {
            ("put", Some(id), Some(record)) => Operation::Put(Id::new(id)?, record),
            ("delete", Some(id), None) => Operation::Delete(Id::new(id)?),
            ("followed", None, None) => Operation::Followed(members.followed?),
            ("snapshot", None, None) => Operation::Snapshot,
            ("snapshot-end", None, None) => Operation::SnapshotEnd(members.records?),
            _ => return None,
        };
        (members.commit >= members.seq).then_some(Self {
            seq: members.seq,
            commit: members.commit,
            operation,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        let id = Id::new(7).unwrap();
        let record =
            serde_json::from_str(r#"{"weight":70.5,"blood_pressure":{"systolic":120,"diastolic":80}}"#)
                .unwrap();
        let operations = [
            Operation::Snapshot,
            Operation::SnapshotEnd(0),
            Operation::Put(id, record),
            Operation::Delete(id),
            Operation::Followed(12),
        ];
        operations
            .into_iter()
            .zip(1..)
            .map(|(operation, seq)| Line { seq, commit: seq + 1, operation })
            .collect()
    }

    #[test]
    fn a_line_reads_as_it_was_written_and_is_json() {
        for line in lines() {
            let mut text = String::new();
            assert_eq!(line.write(&mut text), text.len());
            assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["seq"].is_u64());
            assert_eq!(Line::parse(text.trim_end().as_bytes()), Some(line));
        }
    }

    #[test]
    fn no_flipped_bit_and_no_cut_goes_unseen() {
        for line in lines() {
            let mut text = String::new();
            line.write(&mut text);
            let whole = text.trim_end().as_bytes();
            for bit in 0..whole.len() * 8 {
                let mut flipped = whole.to_vec();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Line::parse(&flipped), None, "bit {bit} of {text}");
            }
            for length in 0..whole.len() {
                assert_eq!(Line::parse(&whole[..length]), None, "{length} bytes of {text}");
            }
        }
    }
}
