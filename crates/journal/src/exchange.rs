//! Copies for a store that is not a journal: a copy that is filled with its records, and a copy that it is filled from. A
//! copy is a log as [`crate::backup`] writes it and [`crate::restore`] reads it, so it may come from either engine.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write};

use anyhow::Context as _;
use daemon::files::{TemporaryFolder, private};
use storage::Id;

use crate::Value;
use crate::line::{Line, Operation};
use crate::memory::{Mark, Memory};
use crate::replay::replay;

/// The records of a copy that is being written, in a temporary file.
#[derive(Debug)]
pub struct Records {
    file: BufWriter<File>,
    count: u64,
    last: u64,
}

impl Records {
    /// Adds a record.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn put<V: Value>(&mut self, id: Id, value: V, version: u64) -> io::Result<()> {
        self.count += 1;
        self.issued(version);
        self.file.write_all(line(version, Operation::Put(id, value)).as_bytes())
    }

    /// Notes a version that the store has issued. The restored copy will not issue it again.
    pub fn issued(&mut self, version: u64) {
        self.last = self.last.max(version);
    }
}

/// Writes a copy to `out` that `fill` fills: it adds the records, and returns the mark.
///
/// # Errors
/// Returns an error message for the operator, or the error of `fill`.
pub fn export<V: Value>(
    out: &mut dyn Write,
    fill: impl FnOnce(&mut Records) -> anyhow::Result<Mark>,
) -> anyhow::Result<()> {
    let folder = TemporaryFolder::create()?;
    let file = private().read(true).write(true).create_new(true).open(folder.file("records"))?;
    let mut records = Records { file: BufWriter::new(file), count: 0, last: 0 };
    let mark = fill(&mut records)?;
    let Records { file, count, last } = records;
    let mut file = file.into_inner()?;
    file.rewind()?;
    let first = line::<V>(last, Operation::Snapshot) + &line::<V>(last, Operation::Mark(mark));
    let end = line::<V>(last, Operation::SnapshotEnd(count));
    let mut write = || {
        out.write_all(first.as_bytes())?;
        io::copy(&mut file, out)?;
        out.write_all(end.as_bytes())?;
        out.flush()
    };
    write().context("cannot write the copy")
}

fn line<V: Value>(seq: u64, operation: Operation<V>) -> String {
    let mut text = String::new();
    Line { seq, batch: (seq, seq), operation }.write(&mut text);
    text
}

/// The content of a copy.
#[derive(Debug)]
pub struct Content<V> {
    memory: Memory<V>,
    /// The version after which the store counts on, see [`storage::after_restore`].
    pub last: i64,
}

impl<V: Value> Content<V> {
    /// Reads and checks a copy.
    ///
    /// # Errors
    /// Returns an error message for the operator if the copy is not an intact log.
    pub fn read(input: &mut dyn Read) -> anyhow::Result<Self> {
        let memory = Memory::default();
        let replayed =
            replay(&mut BufReader::new(input), &memory).map_err(|error| error.about("the copy"))?;
        let last = storage::after_restore(i64::try_from(replayed.seq).unwrap_or(i64::MAX));
        Ok(Self { memory, last })
    }

    /// Returns the mark.
    pub fn mark(&self) -> Mark {
        self.memory.mark()
    }

    /// Returns the records, in any order.
    pub fn records(&self) -> impl Iterator<Item = (Id, V)> + '_ {
        self.memory.parts().flatten().map(|(id, record)| (id, record.value))
    }
}
