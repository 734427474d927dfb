//! Opening the log: creating it, reading it into memory, and setting aside an unfinished batch.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;
use daemon::files::{beside_now, make_private, owner_hint, private, remove_if_exists, sync_name};
use daemon::lock::StoreLock;

use crate::Value;
use crate::compaction::{TempFile, create, write_snapshot};
use crate::memory::Memory;
use crate::replay::{Replayed, replay};

/// Opens the log for appending, with its records in memory and no unfinished batch at its end. The file stays locked
/// until it is closed.
pub(crate) fn open<V: Value>(lock: &StoreLock, memory: &Memory<V>) -> anyhow::Result<(File, Replayed)> {
    let path = lock.path();
    let failed =
        |error: io::Error| anyhow!("cannot open {}: {error}{}", path.display(), owner_hint(path, &error));
    let mut log = match OpenOptions::new().read(true).append(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => create_log(path, memory).map_err(failed)?,
        found => found.map_err(failed)?,
    };
    lock.lock_file(&log)?;
    make_private(path);
    // A crash during a compaction may have left it behind.
    remove_if_exists(&TempFile::path_for(path)).map_err(failed)?;
    log.seek(SeekFrom::Start(0)).map_err(failed)?;
    let replayed = replay(&mut BufReader::with_capacity(256 * 1024, &log), memory)
        .map_err(|error| error.about(path.display()))?;
    if let Some(line) = replayed.torn_at {
        set_aside(&mut log, path, replayed.length, line).map_err(failed)?;
    }
    Ok((log, replayed))
}

/// Creates a log without records. It gets its name once it is complete.
fn create_log<V: Value>(path: &Path, memory: &Memory<V>) -> io::Result<File> {
    let temporary = TempFile::path_for(path);
    remove_if_exists(&temporary)?;
    let log = create(&temporary)?;
    write_snapshot(&log, 0, memory, &AtomicBool::new(false))?;
    fs::rename(&temporary, path)?;
    sync_name(path)?;
    tracing::info!("created a new, empty log at {}", path.display());
    Ok(log)
}

/// Copies the unfinished batch into a file beside the log, then cuts it off.
fn set_aside(log: &mut File, path: &Path, length: u64, line: u64) -> io::Result<()> {
    let broken = beside_now(path, ".broken");
    log.seek(SeekFrom::Start(length))?;
    let mut copy = private().write(true).create_new(true).open(&broken)?;
    let bytes = io::copy(log, &mut copy)?;
    copy.sync_all()?;
    sync_name(path)?;
    log.set_len(length)?;
    log.sync_all()?;
    tracing::warn!(
        file = %path.display(),
        line,
        bytes,
        moved_to = %broken.display(),
        "the last batch before a crash was unfinished and never acknowledged; it was set aside"
    );
    Ok(())
}
