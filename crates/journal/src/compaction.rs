//! Writing the log anew without what is no longer true, while the old one goes on being written.
//!
//! A thread writes all records to a draft, then what was appended to the log meanwhile. When it has all but
//! caught up, the writer adds the little that is left and gives the draft the log's name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use daemon::files::{beside, folder_of};

use crate::Value;

use crate::line::{Line, Operation};
use crate::memory::Memory;

/// A smaller log is not worth the trouble.
const SMALLEST: u64 = 1024 * 1024;
/// What the writer may copy while others wait for it: a millisecond's worth.
const LEFT_FOR_WRITER: u64 = 256 * 1024;
/// The draft is synced in pieces: one sync of it all would make the writer's own wait behind it.
const SYNC_EVERY: u64 = 4 * 1024 * 1024;

/// Whether a log of this length, of which so much is current, should be written anew.
pub(crate) fn is_due(length: u64, live: u64) -> bool {
    length > SMALLEST && live < length / 2
}

/// A new log that holds all of the old one up to a place.
pub(crate) struct Draft {
    path: PathBuf,
    file: File,
    /// The length of the draft.
    length: u64,
    /// Up to where it holds the old log.
    copied: u64,
}

/// Why there is no new log.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The log is what it was.
    Unchanged(io::Error),
    /// Nobody knows which of the two has the name.
    Unknown(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Unchanged(error)
    }
}

/// A draft being made. Dropping it gives it up.
pub(crate) struct Compaction {
    thread: Option<JoinHandle<io::Result<Draft>>>,
    given_up: Arc<AtomicBool>,
    synced: Arc<AtomicU64>,
}

impl Compaction {
    /// Begins a draft of the log at `path`, of which `length` bytes, up to the line `seq`, are synced.
    pub(crate) fn begin<V: Value>(
        path: &Path,
        length: u64,
        seq: u64,
        memory: Arc<Memory<V>>,
    ) -> io::Result<Self> {
        let given_up = Arc::new(AtomicBool::new(false));
        let synced = Arc::new(AtomicU64::new(length));
        let (log, stop, grown) = (path.to_owned(), Arc::clone(&given_up), Arc::clone(&synced));
        let thread = thread::Builder::new().name("compaction".to_owned()).spawn(move || {
            let mut draft = Draft::create(&log, length, seq, &memory, &stop)?;
            let mut source = File::open(&log)?;
            while grown.load(Ordering::Acquire) - draft.copied > LEFT_FOR_WRITER {
                draft.catch_up(&mut source, grown.load(Ordering::Acquire))?;
            }
            Ok(draft)
        })?;
        Ok(Self { thread: Some(thread), given_up, synced })
    }

    /// Tells how long the synced part of the log is now.
    pub(crate) fn log_grew(&self, length: u64) {
        self.synced.store(length, Ordering::Release);
    }

    /// The draft, once it has all but caught up.
    pub(crate) fn finished(&mut self) -> Option<io::Result<Draft>> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        Some(thread.join().unwrap_or_else(|_| Err(io::Error::other("the compaction thread panicked"))))
    }
}

impl Drop for Compaction {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
        // What came of it does not matter: the draft is removed with its value, or at the next start.
        self.thread.take().map(JoinHandle::join);
    }
}

impl Draft {
    /// Where a draft of the log at `path` is made.
    pub(crate) fn path_for(path: &Path) -> PathBuf {
        beside(path, ".draft")
    }

    /// Writes all records as they were at line `seq`, and syncs them.
    fn create<V: Value>(
        log: &Path,
        length: u64,
        seq: u64,
        memory: &Memory<V>,
        stop: &AtomicBool,
    ) -> io::Result<Self> {
        let path = Self::path_for(log);
        let mut draft = Self { file: create(&path)?, path, length: 0, copied: length };
        draft.length = write_snapshot(&draft.file, seq, memory, stop)?;
        Ok(draft)
    }

    /// Copies what the log has grown by, up to `length`, and syncs it.
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

    /// Gives the draft the name of the log at `path`, after what was still missing of its `length` bytes. Returns
    /// the file and its length.
    pub(crate) fn adopt(mut self, path: &Path, length: u64) -> Result<(File, u64), Failure> {
        // All that may fail without harm comes before the rename.
        let prepared = self.catch_up(&mut File::open(path)?, length).and_then(|()| {
            let prepared = (self.file.try_clone()?, File::open(folder_of(path))?);
            fs::rename(&self.path, path).map(|()| prepared)
        });
        let (file, folder) = prepared?;
        folder.sync_all().map_err(Failure::Unknown)?;
        Ok((file, self.length))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already where it was adopted.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes a file that will be a log: what is written always goes to its end, also after a part was cut off.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create_new(true).open(path)
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
        // What came after `seq` stands in the log's part that is copied later.
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
            return Err(io::Error::other("given up"));
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
    fn an_adopted_draft_has_no_hole_after_a_part_of_it_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let memory = Memory::<u8>::default();
        let length = write_snapshot(&create(&path).unwrap(), 0, &memory, &AtomicBool::new(false)).unwrap();
        let draft = Draft::create(&path, length, 0, &memory, &AtomicBool::new(false)).unwrap();
        let (mut log, length) = draft.adopt(&path, length).unwrap();
        log.write_all(b"half a li").unwrap();
        log.set_len(length).unwrap();
        log.write_all(b"a line\n").unwrap();
        let content = fs::read(&path).unwrap();
        assert_eq!(content.len() as u64, length + 7);
        assert!(!content.contains(&0));
    }
}
