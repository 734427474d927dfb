//! Starting over: a log replaced by one without records, for an owner whose records belong to a source that is gone.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;

use crate::Value;
use crate::compaction::write_snapshot;
use crate::memory::{Mark, Memory};
use crate::replay::{Replayed, replay};

/// Returns the mark of the log at `path`. A process may be writing the log.
///
/// # Errors
/// Returns an error message for the operator if the log cannot be read, or if it is damaged; the message names the line.
pub fn read_mark<V: Value>(path: &Path) -> anyhow::Result<Mark> {
    Ok(read::<V>(path)?.0.mark())
}

/// Replaces the log at `path`, which no process may be using, with one that has this mark and no record. Returns how
/// many records the previous log holds, and where it is kept.
///
/// # Errors
/// Returns an error message for the operator if the log is in use, damaged or missing, or cannot be written. The log is
/// then unchanged.
pub fn start_over<V: Value>(path: &Path, mark: Mark) -> anyhow::Result<(usize, PathBuf)> {
    let mut records = 0;
    let kept = daemon::restore(path, &mut io::empty(), &[], |log, path| {
        let (previous, Replayed { seq, .. }) = read::<V>(path)?;
        records = previous.len();
        let memory = Memory::<V>::default();
        memory.set_mark(mark);
        let what = || format!("cannot write {}", log.display());
        let file = OpenOptions::new().append(true).open(log).with_context(what)?;
        // `seq` continues: no version of a record is ever repeated.
        write_snapshot(&file, seq, &memory, &AtomicBool::new(false)).map(drop).with_context(what)
    })?;
    Ok((records, kept.with_context(|| format!("{} has gone", path.display()))?))
}

fn read<V: Value>(path: &Path) -> anyhow::Result<(Memory<V>, Replayed)> {
    let memory = Memory::default();
    let log = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let replayed = replay(&mut BufReader::new(log), &memory).map_err(|error| error.about(path.display()))?;
    Ok((memory, replayed))
}
