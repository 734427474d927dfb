//! The writer thread, the only one that changes the journal: it lets the waiting jobs decide, appends their changes as
//! one batch, syncs once, updates memory, and only then answers.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::mem;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use daemon::{Boxed, Fatal, Jobs, Named};
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use storage::{CommitMetrics, Registry, StoreError};

use crate::batch::Batch;
use crate::compaction::{Compaction, Failure, is_due};
use crate::memory::Memory;
use crate::replay::Replayed;
use crate::{Value, lock};

/// More jobs than there are connections never wait at once.
const BATCH: usize = 1024;
/// How often the writer looks after a compaction while no job arrives.
const POLL: Duration = Duration::from_millis(20);
/// How much longer the log must be before a failed compaction is retried.
const RETRY_AFTER_BYTES: u64 = 1024 * 1024;

pub(crate) struct Writer<V> {
    path: PathBuf,
    log: File,
    /// The length of the log, all of it synced.
    length: u64,
    /// The total length of the lines of current records.
    live: u64,
    /// The `seq` of the last line.
    seq: u64,
    memory: Arc<Memory<V>>,
    /// The name of the log.
    file: Arc<Mutex<Named>>,
    metrics: Metrics,
    compaction: Option<Compaction>,
    /// How long deleted records may stay in the log.
    erase_after: Duration,
    /// Since when the log has held a deleted record that no compaction in progress removes.
    erased: Option<Instant>,
    /// No compaction starts before the log is longer than this.
    compact_from: u64,
}

struct Metrics {
    commits: CommitMetrics,
    log_bytes: Gauge,
    compactions: Counter,
}

impl<V: Value> Writer<V> {
    pub(crate) fn new(
        path: PathBuf,
        log: File,
        replayed: &Replayed,
        (memory, file): (Arc<Memory<V>>, Arc<Mutex<Named>>),
        erase_after: Duration,
        registry: &mut Registry,
    ) -> Self {
        let Replayed { length, live, seq, erased, .. } = *replayed;
        Self {
            path,
            log,
            length,
            live,
            seq,
            memory,
            file,
            metrics: Metrics::register(registry, length),
            compaction: None,
            erase_after,
            erased: erased.then(Instant::now),
            compact_from: 0,
        }
    }

    /// Works until the journal is dropped, or until the state of the disk is unknown.
    pub(crate) fn work(mut self, jobs: &Jobs<Batch<V>, StoreError>, fatal: &Fatal) {
        loop {
            let waiting = match (&self.compaction, self.erased) {
                (Some(_), _) => jobs.batch_within(BATCH, POLL),
                (None, Some(since)) => {
                    jobs.batch_within(BATCH, self.erase_after.saturating_sub(since.elapsed()))
                }
                (None, None) => jobs.batch(BATCH),
            };
            let Some(waiting) = waiting else { return };
            if let Err(message) = self.commit(waiting).and_then(|()| self.compact()) {
                fatal.raise(message);
                return;
            }
        }
    }

    /// Runs a batch. An error is fatal, and no job was answered.
    fn commit(&mut self, mut jobs: Vec<Boxed<Batch<V>, StoreError>>) -> Result<(), String> {
        let start = Instant::now();
        let mut batch = Batch::new(Arc::clone(&self.memory), self.seq);
        let failures: Vec<_> = jobs.iter_mut().map(|job| job.run(&mut batch).err()).collect();
        let mut text = String::new();
        let lines: Vec<_> = batch
            .into_lines()
            .map(|line| {
                let bytes = u32::try_from(line.write(&mut text)).expect("a line is far below 4 GiB");
                (line, bytes)
            })
            .collect();
        if !lines.is_empty() {
            if let Err(full) = self.append(text.as_bytes())? {
                jobs.into_iter().for_each(|job| job.answer(Some(StoreError::Full(full.clone()))));
                return Ok(());
            }
            lock(&self.file).check()?;
            self.seq += lines.len() as u64;
            self.metrics.commits.committed(lines.len() as u64, start);
            for (line, bytes) in lines {
                if line.operation.erases() {
                    self.erased.get_or_insert_with(Instant::now);
                }
                self.memory.apply(line, bytes, &mut self.live);
            }
        }
        jobs.into_iter().zip(failures).for_each(|(job, failure)| job.answer(failure));
        Ok(())
    }

    /// Appends and syncs. The inner error means that the disk is full and the log unchanged; the outer one is fatal.
    fn append(&mut self, bytes: &[u8]) -> Result<Result<(), String>, String> {
        if let Err(error) = self.log.write_all(bytes) {
            // A full disk takes a part of the bytes: cut them off again.
            return match (error.kind(), self.log.set_len(self.length)) {
                (ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge, Ok(())) => {
                    Ok(Err(error.to_string()))
                }
                _ => Err(self.unknown("written", &error)),
            };
        }
        // After a failed sync the kernel may report the next one as successful though this data is lost: no retry.
        self.log.sync_data().map_err(|error| self.unknown("synced", &error))?;
        self.length += bytes.len() as u64;
        self.metrics.log_bytes.set(self.length.cast_signed());
        Ok(Ok(()))
    }

    fn unknown(&self, what: &str, error: &io::Error) -> String {
        format!("{} could not be {what}, and its state is unknown: {error}", self.path.display())
    }

    /// Begins a compaction if one is due, and adopts a finished one.
    fn compact(&mut self) -> Result<(), String> {
        let Some(compaction) = &mut self.compaction else {
            let wasteful = is_due(self.length, self.live) && self.length > self.compact_from;
            if wasteful || self.erased.is_some_and(|since| since.elapsed() >= self.erase_after) {
                match Compaction::begin(&self.path, self.length, self.seq, Arc::clone(&self.memory)) {
                    Ok(compaction) => {
                        self.compaction = Some(compaction);
                        // Records deleted from now on are in the lines that the compaction copies.
                        self.erased = None;
                    }
                    Err(error) => self.postpone_compaction(&error),
                }
            }
            return Ok(());
        };
        compaction.log_grew(self.length);
        let Some(finished) = compaction.finished() else { return Ok(()) };
        self.compaction = None;
        match finished.map_err(Failure::from).and_then(|new| new.adopt(&self.path, self.length, &self.file)) {
            Ok((log, length)) => {
                tracing::info!(file = %self.path.display(), before = self.length, after = length, "compacted");
                let old = mem::replace(&mut self.log, log);
                // Closing waits until the kernel has freed the file, a tenth of a second for a million records.
                let _ = thread::Builder::new().name("compaction".to_owned()).spawn(move || drop(old));
                (self.length, self.compact_from) = (length, 0);
                self.metrics.log_bytes.set(length.cast_signed());
                self.metrics.compactions.inc();
            }
            Err(Failure::Unchanged(error)) => self.postpone_compaction(&error),
            Err(Failure::Replaced(message)) => return Err(message),
            Err(Failure::Unknown(error)) => return Err(self.unknown("replaced", &error)),
        }
        Ok(())
    }

    fn postpone_compaction(&mut self, error: &io::Error) {
        tracing::warn!(file = %self.path.display(), %error, "the compaction failed and will be retried");
        self.compact_from = self.length + RETRY_AFTER_BYTES;
        // It may have been begun for deleted records: then the next attempt must not wait for more bytes.
        self.erased = Some(Instant::now());
    }
}

impl Metrics {
    fn register(registry: &mut Registry, length: u64) -> Self {
        let commits = CommitMetrics::register(registry);
        let (log_bytes, compactions) = (Gauge::default(), Counter::default());
        log_bytes.set(length.cast_signed());
        registry.register("store_log_bytes", "Length of the log", log_bytes.clone());
        registry.register("store_compactions", "Compactions of the log", compactions.clone());
        Self { commits, log_bytes, compactions }
    }
}
