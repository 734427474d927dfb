//! Compaction: rewrites the log with current records only, while the writer goes on appending to the old one.
//!
//! A thread writes all records to a temporary file, then the lines appended to the log meanwhile. Once little is left,
//! the writer copies the rest and renames the temporary file to the log.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use daemon::Named;
use daemon::files::{beside, folder_of, private};

use crate::line::{Line, Operation};
use crate::memory::Memory;
use crate::{Value, lock};

/// A smaller log is not worth a compaction.
const SMALLEST: u64 = 1024 * 1024;
/// The writer may copy this much while callers wait for it: it takes a millisecond.
const LEFT_FOR_WRITER: u64 = 256 * 1024;
/// The temporary file is synced in pieces: the writer's own sync would wait for one sync of the whole.
const SYNC_EVERY: u64 = 4 * 1024 * 1024;

/// Returns whether a log of this length, with `live` bytes of current records, should be compacted.
pub(crate) fn is_due(length: u64, live: u64) -> bool {
    length > SMALLEST && live < length / 2
}

/// The new log under a temporary name: it holds the content of the old one up to an offset.
pub(crate) struct TempFile {
    path: PathBuf,
    file: File,
    /// Its length.
    length: u64,
    /// The offset in the old log.
    copied: u64,
}

/// Why a compaction failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The log is unchanged.
    Unchanged(io::Error),
    /// The log is no longer the file with its name.
    Replaced(String),
    /// It is unknown which of the two files has the name.
    Unknown(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Unchanged(error)
    }
}

/// A compaction in progress. Dropping it cancels it.
pub(crate) struct Compaction {
    thread: Option<JoinHandle<io::Result<TempFile>>>,
    cancelled: Arc<AtomicBool>,
    synced: Arc<AtomicU64>,
}

impl Compaction {
    /// Begins the compaction of the log at `path`, of which `length` bytes, up to the line `seq`, are synced.
    pub(crate) fn begin<V: Value>(
        path: &Path,
        length: u64,
        seq: u64,
        memory: Arc<Memory<V>>,
    ) -> io::Result<Self> {
        let cancelled = Arc::new(AtomicBool::new(false));
        let synced = Arc::new(AtomicU64::new(length));
        let (log, stop, grown) = (path.to_owned(), Arc::clone(&cancelled), Arc::clone(&synced));
        let thread = thread::Builder::new().name("compaction".to_owned()).spawn(move || {
            let mut temporary = TempFile::create(&log, length, seq, &memory, &stop)?;
            let mut source = File::open(&log)?;
            while grown.load(Ordering::Acquire) - temporary.copied > LEFT_FOR_WRITER {
                temporary.catch_up(&mut source, grown.load(Ordering::Acquire))?;
            }
            Ok(temporary)
        })?;
        Ok(Self { thread: Some(thread), cancelled, synced })
    }

    /// Reports the new length of the synced part of the log.
    pub(crate) fn log_grew(&self, length: u64) {
        self.synced.store(length, Ordering::Release);
    }

    /// Returns the temporary file once little is left to copy.
    pub(crate) fn finished(&mut self) -> Option<io::Result<TempFile>> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        Some(thread.join().unwrap_or_else(|_| Err(io::Error::other("the compaction thread panicked"))))
    }
}

impl Drop for Compaction {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
        // The result does not matter: dropping the temporary file removes it, or the next start does.
        self.thread.take().map(JoinHandle::join);
    }
}

impl TempFile {
    /// Returns the temporary name of a new log for `path`; earlier versions used the same suffix.
    pub(crate) fn path_for(path: &Path) -> PathBuf {
        beside(path, ".draft")
    }

    /// Writes and syncs all records as of line `seq`.
    fn create<V: Value>(
        log: &Path,
        length: u64,
        seq: u64,
        memory: &Memory<V>,
        stop: &AtomicBool,
    ) -> io::Result<Self> {
        let path = Self::path_for(log);
        let mut temporary = Self { file: create(&path)?, path, length: 0, copied: length };
        temporary.length = write_snapshot(&temporary.file, seq, memory, stop)?;
        Ok(temporary)
    }

    /// Copies the lines appended to the log, up to `length`, and syncs them.
    fn catch_up(&mut self, log: &mut File, length: u64) -> io::Result<()> {
        log.seek(SeekFrom::Start(self.copied))?;
        let wanted = length - self.copied;
        let copied = io::copy(&mut log.take(wanted), &mut self.file)?;
        if copied != wanted {
            return Err(io::Error::other("the log is shorter than it was"));
        }
        self.copied += copied;
        self.length += copied;
        self.file.sync_data()
    }

    /// Copies the rest of the log's `length` bytes and renames the temporary file to the log at `path`. Sets
    /// `named` to the new log, and returns it with its length.
    pub(crate) fn adopt(
        mut self,
        path: &Path,
        length: u64,
        named: &Mutex<Named>,
    ) -> Result<(File, u64), Failure> {
        // Every step that may fail without harm comes before the rename.
        self.catch_up(&mut File::open(path)?, length)?;
        let (file, folder) = (self.file.try_clone()?, File::open(folder_of(path))?);
        // No other process knows the file yet, so the lock is free.
        file.try_lock().map_err(io::Error::from)?;
        let new = Named::new(path, &file.metadata()?);
        {
            // Locked, so that a readiness probe never compares the new file with the old one.
            let mut named = lock(named);
            // The rename must not overwrite a file that the operator has put there.
            named.check().map_err(Failure::Replaced)?;
            fs::rename(&self.path, path)?;
            *named = new;
        }
        folder.sync_all().map_err(Failure::Unknown)?;
        Ok((file, self.length))
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // After `adopt` the name is gone.
        let _ = fs::remove_file(&self.path);
    }
}

/// Creates a file for a log. It is opened for appending, so writes go to its end even after a truncation.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    private().read(true).append(true).create_new(true).open(path)
}

/// Writes a snapshot to an empty file, syncs it and returns its length.
pub(crate) fn write_snapshot<V: Value>(
    file: &File,
    seq: u64,
    memory: &Memory<V>,
    stop: &AtomicBool,
) -> io::Result<u64> {
    let mut writer = BufWriter::with_capacity(256 * 1024, file);
    let (mut length, mut unsynced, mut records) = (0, 0, 0);
    let mut text = String::new();
    let line = |seq, operation: Operation<V>, text: &mut String| {
        Line { seq, batch: (seq, seq), operation }.write(text)
    };
    line(seq, Operation::Snapshot, &mut text);
    line(seq, Operation::Mark(memory.mark()), &mut text);
    for part in memory.parts() {
        // Later records are in the part of the log that is copied afterwards.
        for (id, record) in part.into_iter().filter(|(_, record)| record.version <= seq) {
            line(record.version, Operation::Put(id, record.value), &mut text);
            records += 1;
        }
        writer.write_all(text.as_bytes())?;
        length += text.len() as u64;
        unsynced += text.len() as u64;
        text.clear();
        if unsynced > SYNC_EVERY {
            writer.flush()?;
            file.sync_data()?;
            unsynced = 0;
        }
        if stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("cancelled"));
        }
    }
    line(seq, Operation::SnapshotEnd(records), &mut text);
    writer.write_all(text.as_bytes())?;
    writer.flush()?;
    file.sync_all()?;
    Ok(length + text.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_new_log_has_no_hole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let memory = Memory::<u8>::default();
        let log = create(&path).unwrap();
        let named = Mutex::new(Named::new(&path, &log.metadata().unwrap()));
        let length = write_snapshot(&log, 0, &memory, &AtomicBool::new(false)).unwrap();
        let temporary = TempFile::create(&path, length, 0, &memory, &AtomicBool::new(false)).unwrap();
        let (mut log, length) = temporary.adopt(&path, length, &named).unwrap();
        log.write_all(b"half a li").unwrap();
        log.set_len(length).unwrap();
        log.write_all(b"a line\n").unwrap();
        let content = fs::read(&path).unwrap();
        assert_eq!(content.len() as u64, length + 7);
        assert!(!content.contains(&0));
    }
}
