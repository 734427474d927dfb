//! Backup and restore: a copy of a log in use, and a log replaced by a copy.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;

use crate::Value;
use crate::compaction::write_snapshot;
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

/// Replaces the log at `path`, which no process may be using, with the records and the cursor of the copy read from
/// `input`. Returns where the previous log is kept, if one existed.
///
/// Records keep their versions. The next one is past all that the copy and the previous log have issued, as
/// [`storage::after_restore`] says.
///
/// # Errors
/// Returns an error message for the operator if the log is in use or cannot be written, or if the copy is not an intact
/// log. The log is then unchanged.
pub fn restore<V: Value>(path: &Path, input: &mut dyn Read) -> anyhow::Result<Option<PathBuf>> {
    daemon::restore(path, input, &[], |copy, replaced| {
        let what = || format!("cannot open {}", copy.display());
        let file = OpenOptions::new().read(true).append(true).open(copy).with_context(what)?;
        let memory = Memory::<V>::default();
        // A plain copy of a log in use may end within a batch. The snapshot leaves such a batch out.
        let replayed =
            replay(&mut BufReader::new(&file), &memory).map_err(|error| error.about("the copy"))?;
        let last = replayed.seq.max(issued::<V>(replaced));
        let last = storage::after_restore(i64::try_from(last).unwrap_or(i64::MAX)).unsigned_abs();
        file.set_len(0).with_context(what)?;
        write_snapshot(&file, last, &memory, &AtomicBool::new(false)).map(drop).with_context(what)
    })
}

/// Returns the last version that a log has issued: 0 if the log is missing or damaged.
fn issued<V: Value>(path: &Path) -> u64 {
    let Ok(log) = File::open(path) else { return 0 };
    replay(&mut BufReader::new(log), &Memory::<V>::default()).map_or(0, |replayed| replayed.seq)
}
