//! One line of the log: a JSON object whose last member is the CRC-32 of the preceding bytes.
//!
//! ```text
//! {"seq":12,"batch":[12,13],"op":"put","id":7,"record":{"any":"thing"},"crc":"89abcdef"}
//! {"seq":13,"batch":[12,13],"op":"delete","id":8,"crc":"01234567"}
//! {"seq":14,"batch":[14,14],"op":"mark","mark":3,"origin":"any text","crc":"76543210"}
//! ```
//!
//! `seq` counts the lines. `batch` holds the `seq` of the first and of the last line that were written together: a line
//! counts only if its whole batch is in the file.

use std::fmt::{self, Write as _};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use storage::Id;

use crate::memory::Mark;

/// The change that a line makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operation<V> {
    /// Sets the record.
    Put(Id, V),
    /// Deletes the record.
    Delete(Id),
    /// Sets the mark. The file calls its cursor `mark`; logs of earlier versions have no origin.
    Mark(Mark),
    /// Begins a file: every current record follows.
    Snapshot,
    /// Ends the snapshot; counts its records.
    SnapshotEnd(u64),
}

impl<V> Operation<V> {
    /// Returns whether earlier lines hold content that must leave the file.
    pub(crate) fn erases(&self) -> bool {
        matches!(self, Self::Delete(_))
    }
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line<V> {
    pub(crate) seq: u64,
    pub(crate) batch: (u64, u64),
    pub(crate) operation: Operation<V>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "V: DeserializeOwned"))]
struct Members<'l, V> {
    seq: u64,
    batch: (u64, u64),
    op: &'l str,
    id: Option<i64>,
    record: Option<V>,
    mark: Option<i64>,
    origin: Option<String>,
    records: Option<u64>,
}

/// The length of `,"crc":"89abcdef"}`.
const CHECKSUM: usize = 18;

impl<V: Serialize + DeserializeOwned> Line<V> {
    /// Appends the line to a text, with its line feed, and returns its length in bytes.
    pub(crate) fn write(&self, text: &mut String) -> usize {
        let start = text.len();
        self.write_members(text).expect("writing to a string cannot fail");
        let crc = crc32fast::hash(&text.as_bytes()[start..]);
        writeln!(text, ",\"crc\":\"{crc:08x}\"}}").expect("writing to a string cannot fail");
        text.len() - start
    }

    fn write_members(&self, text: &mut String) -> fmt::Result {
        let Self { seq, batch: (first, last), operation } = self;
        write!(text, "{{\"seq\":{seq},\"batch\":[{first},{last}],\"op\":")?;
        match operation {
            Operation::Put(id, record) => {
                let record = serde_json::to_string(record).map_err(|_| fmt::Error)?;
                write!(text, "\"put\",\"id\":{id},\"record\":{record}")
            }
            Operation::Delete(id) => write!(text, "\"delete\",\"id\":{id}"),
            Operation::Mark(Mark { cursor, origin }) => {
                write!(text, "\"mark\",\"mark\":{cursor}")?;
                let Some(origin) = origin else { return Ok(()) };
                let origin = serde_json::to_string(&**origin).map_err(|_| fmt::Error)?;
                write!(text, ",\"origin\":{origin}")
            }
            Operation::Snapshot => write!(text, "\"snapshot\""),
            Operation::SnapshotEnd(records) => write!(text, "\"snapshot-end\",\"records\":{records}"),
        }
    }

    /// Parses a line without its line feed; returns `None` unless it is exactly as [`Line::write`] wrote it.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (content, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
        if checksum != format!(",\"crc\":\"{:08x}\"}}", crc32fast::hash(content)).as_bytes() {
            return None;
        }
        let members: Members<'_, V> = serde_json::from_slice(bytes).ok()?;
        let operation = match (members.op, members.id, members.record) {
            ("put", Some(id), Some(record)) => Operation::Put(Id::new(id)?, record),
            ("delete", Some(id), None) => Operation::Delete(Id::new(id)?),
            ("mark", None, None) => {
                Operation::Mark(Mark { cursor: members.mark?, origin: members.origin.map(Into::into) })
            }
            ("snapshot", None, None) => Operation::Snapshot,
            ("snapshot-end", None, None) => Operation::SnapshotEnd(members.records?),
            _ => return None,
        };
        let (first, last) = members.batch;
        (first..=last).contains(&members.seq).then_some(Self {
            seq: members.seq,
            batch: (first, last),
            operation,
        })
    }
}

#[cfg(test)]
pub(crate) mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line<serde_json::Value>> {
        let id = Id::new(7).unwrap();
        let operations = [
            Operation::Snapshot,
            Operation::SnapshotEnd(0),
            Operation::Put(id, serde_json::json!({"a": 70.5, "b": {"c": 120, "d": "x"}})),
            Operation::Delete(id),
            Operation::Mark(Mark { cursor: 12, origin: None }),
            Operation::Mark(Mark { cursor: 12, origin: Some("a \"source\"".into()) }),
        ];
        operations
            .into_iter()
            .zip(1..)
            .map(|(operation, seq)| Line { seq, batch: (seq, seq + 1), operation })
            .collect()
    }

    #[test]
    fn a_line_is_json_and_parses_back() {
        for line in lines() {
            let mut text = String::new();
            assert_eq!(line.write(&mut text), text.len());
            assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["seq"].is_u64());
            assert_eq!(Line::parse(text.trim_end().as_bytes()), Some(line));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_detected() {
        for line in lines() {
            let mut text = String::new();
            line.write(&mut text);
            let whole = text.trim_end().as_bytes();
            for bit in 0..whole.len() * 8 {
                let mut flipped = whole.to_vec();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Line::<serde_json::Value>::parse(&flipped), None, "bit {bit} of {text}");
            }
            for length in 0..whole.len() {
                assert_eq!(
                    Line::<serde_json::Value>::parse(&whole[..length]),
                    None,
                    "{length} bytes of {text}"
                );
            }
        }
    }
}
