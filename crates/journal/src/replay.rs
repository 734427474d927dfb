//! Replaying the log at start: committed batches go into memory, an unfinished batch is reported, damage is an error.
//!
//! Only the last batch can be unfinished: no batch is written before the previous one was synced. A crash leaves it
//! truncated, or with holes of NUL bytes where pages did not reach the disk. A line that is complete and wrong is
//! neither: it was acknowledged once, so it is damage, wherever it is.

use std::fmt;
use std::io::{self, BufRead};

use anyhow::anyhow;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::line::{Line, Operation};
use crate::lines::Lines;
use crate::memory::{Memory, Record};

/// The state of the log after a replay.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// The `seq` of the last committed line.
    pub(crate) seq: u64,
    /// The length of the file up to the end of that line.
    pub(crate) length: u64,
    /// The total length of the lines of current records.
    pub(crate) live: u64,
    /// Whether a record was deleted: its lines are still in the file.
    pub(crate) erased: bool,
    /// The number of the first line of an unfinished batch.
    pub(crate) torn_at: Option<u64>,
}

/// Why the log cannot be used.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// The line with this number is damaged.
    Damaged(u64),
    /// The file cannot be read.
    Io(io::Error),
}

impl Unusable {
    /// Returns the error message about the log with this name.
    pub(crate) fn about(&self, name: impl fmt::Display) -> anyhow::Error {
        match self {
            Self::Damaged(line) => anyhow!("{name} is damaged in line {line}; nothing was changed"),
            Self::Io(error) => anyhow!("cannot open {name}: {error}"),
        }
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a log into an empty memory.
pub(crate) fn replay<V: Serialize + DeserializeOwned + Clone>(
    log: &mut impl BufRead,
    memory: &Memory<V>,
) -> Result<Replayed, Unusable> {
    let mut lines = Lines::of(log);
    let mut replayed = read_snapshot(&mut lines, memory)?;
    let mut batch: Vec<(Line<V>, u32)> = Vec::new();
    let mut batch_bytes = 0;
    let mut batch_start = lines.number + 1;
    while lines.advance()? {
        // Only a forged log can overflow the count.
        let first = replayed.seq.checked_add(1).ok_or(Unusable::Damaged(lines.number))?;
        let line = lines.complete().and_then(Line::parse).filter(|line| {
            line.seq == first.wrapping_add(batch.len() as u64)
                && line.batch == (first, batch.first().map_or(line.batch.1, |(line, _)| line.batch.1))
                && !matches!(line.operation, Operation::Snapshot | Operation::SnapshotEnd(_))
        });
        let Some(line) = line else {
            check_is_unfinished::<V, _>(&mut lines, first)?;
            return Ok(Replayed { torn_at: Some(batch_start), ..replayed });
        };
        let is_last = line.seq == line.batch.1;
        batch_bytes += lines.bytes.len() as u64;
        batch.push((line, lines.length()));
        if is_last {
            replayed.seq += batch.len() as u64;
            replayed.length += std::mem::take(&mut batch_bytes);
            for (line, bytes) in batch.drain(..) {
                replayed.erased |= line.operation.erases();
                memory.apply(line, bytes, &mut replayed.live);
            }
            batch_start = lines.number + 1;
        }
    }
    replayed.torn_at = (!batch.is_empty()).then_some(batch_start);
    Ok(replayed)
}

/// Reads the snapshot at the beginning. It was synced before the file got its name, so it is complete.
fn read_snapshot<V: Serialize + DeserializeOwned + Clone, B: BufRead>(
    lines: &mut Lines<'_, B>,
    memory: &Memory<V>,
) -> Result<Replayed, Unusable> {
    let mut replayed = Replayed::default();
    let mut records = 0;
    loop {
        let more = lines.advance()?;
        let number = lines.number + u64::from(!more);
        let line =
            lines.complete().filter(|_| more).and_then(Line::parse).ok_or(Unusable::Damaged(number))?;
        let bytes = lines.length();
        replayed.length += u64::from(bytes);
        match line.operation {
            Operation::Snapshot if number == 1 => replayed.seq = line.seq,
            Operation::Mark(mark) if number == 2 => memory.set_mark(mark),
            Operation::Put(id, value) if number > 2 && line.seq <= replayed.seq => {
                let record = Record { value, version: line.seq, bytes };
                if memory.put(id, record).is_some() {
                    return Err(Unusable::Damaged(number));
                }
                records += 1;
                replayed.live += u64::from(bytes);
            }
            Operation::SnapshotEnd(count) if number > 2 && count == records => return Ok(replayed),
            _ => return Err(Unusable::Damaged(number)),
        }
    }
}

/// Checks that the rest of the file, from an invalid line on, is the unfinished batch that begins with the line `first`.
fn check_is_unfinished<V: Serialize + DeserializeOwned, B: BufRead>(
    lines: &mut Lines<'_, B>,
    first: u64,
) -> Result<(), Unusable> {
    let number = lines.number;
    loop {
        let unfinished = match (lines.complete(), lines.complete().and_then(Line::<V>::parse)) {
            // Truncated. But a complete line followed by anything except a line feed or a hole was changed.
            (None, _) => match lines.bytes.split_last() {
                Some((last, before)) => *last == 0 || Line::<V>::parse(before).is_none(),
                None => true,
            },
            // A line of the same batch may have reached the disk between holes.
            (Some(_), Some(line)) if lines.number > number => line.batch.0 == first,
            (Some(bytes), _) => bytes.contains(&0),
        };
        if !unfinished {
            return Err(Unusable::Damaged(number));
        }
        if !lines.advance()? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod properties;
