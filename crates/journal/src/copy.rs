//! Backup and restore: a copy of a log in use, and a log replaced by a copy.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::Value;
use crate::line::Line;
use crate::lines::Lines;
use crate::memory::Memory;
use crate::replay::{Unusable, replay};

/// Writes the log to `out`, up to the last complete batch. A process may be writing the log.
///
/// # Errors
/// Returns an error message for the operator if the log cannot be read, if it is damaged (the message names the line),
/// or if `out` cannot be written.
pub fn backup<V: Value>(path: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let what = || format!("cannot copy {}", path.display());
    let mut log = BufReader::new(File::open(path).with_context(what)?);
    let mut lines = Lines::of(&mut log);
    let mut out = BufWriter::new(out);
    let mut batch = Vec::new();
    // A line without a line feed is still being written.
    while lines.advance().with_context(what)? && lines.complete().is_some() {
        let line = lines.complete().and_then(Line::<V>::parse);
        let line = line.ok_or_else(|| Unusable::Damaged(lines.number).about(path.display()))?;
        batch.extend_from_slice(&lines.bytes);
        if line.seq == line.batch.1 {
            out.write_all(&batch).with_context(what)?;
            batch.clear();
        }
    }
    out.flush().with_context(what)
}

/// Replaces the log at `path`, which no process may be using, with the copy read from `input`. Returns where the
/// previous log is kept, if one existed.
///
/// # Errors
/// Returns an error message for the operator if the log is in use or cannot be written, or if the copy is not an intact
/// log. The log is then unchanged.
pub fn restore<V: Value>(path: &Path, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    daemon::restore(path, input, &[], |copy| {
        let what = || format!("cannot open {}", copy.display());
        let file = OpenOptions::new().read(true).write(true).open(copy).with_context(what)?;
        let replayed = replay(&mut BufReader::new(&file), &Memory::<V>::default());
        let replayed = replayed.map_err(|error| error.about("the copy"))?;
        // A plain copy of a log in use may end within a batch.
        file.set_len(replayed.length).and_then(|()| file.sync_all()).with_context(what)
    })
}
