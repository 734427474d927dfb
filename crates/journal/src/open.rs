//! Opening the log: creating it, reading it into memory, and setting aside an unfinished batch.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use daemon::files::{beside_now, remove_if_exists, sync_name};

use crate::Value;
use crate::compaction::{TempFile, create, write_snapshot};
use crate::memory::Memory;
use crate::replay::{Replayed, Unusable, replay};

/// Opens the log for appending, with its records in memory and no unfinished batch at its end.
pub(crate) fn open<V: Value>(path: &Path, memory: &Memory<V>) -> Result<(File, Replayed), Unusable> {
    let temporary = TempFile::path_for(path);
    // A crash during a compaction may have left it behind.
    remove_if_exists(&temporary)?;
    if !path.try_exists()? {
        write_snapshot(&create(&temporary)?, 0, memory, &AtomicBool::new(false))?;
        fs::rename(&temporary, path)?;
        sync_name(path)?;
    }
    let mut log = OpenOptions::new().read(true).append(true).open(path)?;
    let replayed = replay(&mut BufReader::with_capacity(256 * 1024, &log), memory)?;
    if let Some(line) = replayed.torn_at {
        set_aside(&mut log, path, replayed.length, line)?;
    }
    Ok((log, replayed))
}

/// Copies the unfinished batch into a file beside the log, then cuts it off.
fn set_aside(log: &mut File, path: &Path, length: u64, line: u64) -> io::Result<()> {
    let broken = beside_now(path, ".broken");
    log.seek(SeekFrom::Start(length))?;
    let mut copy = File::create_new(&broken)?;
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
