//! Reading the log at start: into memory what was committed, aside what a crash left unfinished, and not a
//! step further where the file is damaged.
//!
//! Only the last batch can be unfinished: no other is written before it was synced. What a crash leaves of it
//! is cut short, or has holes of NUL bytes where pages did not reach the disk. A line that is whole and wrong is
//! neither: somebody acknowledged it once, so it is damage, wherever it stands.

use std::fmt;
use std::io::{self, BufRead};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::line::{Line, Operation};
use crate::memory::{Memory, Record};

/// What the log came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// The `seq` of the last line that counts.
    pub(crate) seq: u64,
    /// The length of the file up to there.
    pub(crate) length: u64,
    /// How much of it is the lines of records that are current.
    pub(crate) live: u64,
    /// The number of the first line that does not count, where a batch was left unfinished.
    pub(crate) torn_at: Option<u64>,
}

/// Why the log cannot be used.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// The number of the line that is damaged.
    Damaged(u64),
    /// It could not be read.
    Io(io::Error),
}

impl Unusable {
    /// What to tell of the log that is called `name`.
    pub(crate) fn sentence(&self, name: impl fmt::Display) -> String {
        match self {
            Self::Damaged(line) => format!("{name} is damaged in line {line}; nothing was changed"),
            Self::Io(error) => format!("cannot open {name}: {error}"),
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
    while lines.next()? {
        // Nobody has written so many lines: only a file that was made up counts as far.
        let first = replayed.seq.checked_add(1).ok_or(Unusable::Damaged(lines.number))?;
        let line = lines.whole().and_then(Line::parse).filter(|line| {
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
                apply(line, bytes, memory, &mut replayed.live);
            }
            batch_start = lines.number + 1;
        }
    }
    replayed.torn_at = (!batch.is_empty()).then_some(batch_start);
    Ok(replayed)
}

/// The part that a file begins with; it was synced before the file got its name, so it is whole.
fn read_snapshot<V: Serialize + DeserializeOwned + Clone, B: BufRead>(
    lines: &mut Lines<'_, B>,
    memory: &Memory<V>,
) -> Result<Replayed, Unusable> {
    let mut replayed = Replayed::default();
    let mut records = 0;
    loop {
        let more = lines.next()?;
        let number = lines.number + u64::from(!more);
        let line = lines.whole().filter(|_| more).and_then(Line::parse).ok_or(Unusable::Damaged(number))?;
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

/// Makes memory follow a line; `live` is kept as the length of the lines of current records.
pub(crate) fn apply<V: Clone>(line: Line<V>, bytes: u32, memory: &Memory<V>, live: &mut u64) {
    let before = match line.operation {
        Operation::Put(id, value) => {
            *live += u64::from(bytes);
            memory.put(id, Record { value, version: line.seq, bytes })
        }
        Operation::Delete(id) => memory.delete(id),
        Operation::Mark(mark) => {
            memory.set_mark(mark);
            None
        }
        Operation::Snapshot | Operation::SnapshotEnd(_) => None,
    };
    *live -= before.map_or(0, |record| u64::from(record.bytes));
}

/// From the first bad line on: is this what a crash leaves of the batch that begins with the line `first`?
fn check_is_unfinished<V: Serialize + DeserializeOwned, B: BufRead>(
    lines: &mut Lines<'_, B>,
    first: u64,
) -> Result<(), Unusable> {
    let number = lines.number;
    loop {
        let unfinished = match (lines.whole(), lines.whole().and_then(Line::<V>::parse)) {
            // Cut short; but a whole line with anything but a line feed or a hole behind it was changed.
            (None, _) => match lines.bytes.split_last() {
                Some((last, before)) => *last == 0 || Line::<V>::parse(before).is_none(),
                None => true,
            },
            // Between holes a line of the same batch may have reached the disk.
            (Some(_), Some(line)) if lines.number > number => line.batch.0 == first,
            (Some(bytes), _) => bytes.contains(&0),
        };
        if !unfinished {
            return Err(Unusable::Damaged(number));
        }
        if !lines.next()? {
            return Ok(());
        }
    }
}

/// The lines of a file, numbered from 1.
pub(crate) struct Lines<'l, B> {
    log: &'l mut B,
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
}

impl<'l, B: BufRead> Lines<'l, B> {
    pub(crate) fn of(log: &'l mut B) -> Self {
        Self { log, number: 0, bytes: Vec::new() }
    }

    /// Goes to the next line; `false` at the end.
    pub(crate) fn next(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        let more = self.log.read_until(b'\n', &mut self.bytes)? > 0;
        self.number += u64::from(more);
        Ok(more)
    }

    /// The line without its line feed; `None` where it has none.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        self.bytes.strip_suffix(b"\n")
    }

    fn length(&self) -> u32 {
        u32::try_from(self.bytes.len()).expect("a good line has some hundred bytes")
    }
}

#[cfg(test)]
mod properties;
