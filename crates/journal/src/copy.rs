//! A copy of the log, taken while it is written; and such a copy put in the log's place.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::Value;
use crate::line::Line;
use crate::memory::Memory;
use crate::replay::{Lines, Unusable, replay};

/// Writes the log to `out`, up to the last batch that is whole. A process may be writing it meanwhile.
///
/// # Errors
/// A sentence: it cannot be read, is damaged (with the number of the line), or `out` takes no more.
pub fn backup<V: Value>(path: &Path, out: &mut dyn Write) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot copy {}: {error}", path.display());
    let mut log = BufReader::new(File::open(path).map_err(failed)?);
    let mut lines = Lines::of(&mut log);
    let mut out = BufWriter::new(out);
    let mut batch = Vec::new();
    // A line without its end is one that is being written.
    while lines.next().map_err(failed)? && lines.whole().is_some() {
        let line = lines.whole().and_then(Line::<V>::parse);
        let line = line.ok_or_else(|| Unusable::Damaged(lines.number).sentence(path.display()))?;
        batch.extend_from_slice(&lines.bytes);
        if line.seq == line.batch.1 {
            out.write_all(&batch).map_err(failed)?;
            batch.clear();
        }
    }
    out.flush().map_err(failed)
}

/// Puts a copy that comes from `input` in the place of the log at `path`, which no process may be using, and
/// returns where the log that was there is kept now.
///
/// # Errors
/// A sentence: the log is in use, cannot be written, or `input` is no sound log. The log is what it was.
pub fn restore<V: Value>(path: &Path, input: &mut dyn Read) -> Result<Option<PathBuf>, String> {
    daemon::restore(path, input, &[], |copy| {
        let failed = |error: io::Error| Unusable::Io(error).sentence(copy.display());
        let file = OpenOptions::new().read(true).write(true).open(copy).map_err(failed)?;
        let replayed = replay(&mut BufReader::new(&file), &Memory::<V>::default());
        let replayed = replayed.map_err(|error| error.sentence("the copy"))?;
        // A plain copy of a log in use may end in half a batch.
        file.set_len(replayed.length).and_then(|()| file.sync_all()).map_err(failed)
    })
}
