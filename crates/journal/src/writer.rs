//! The one thread that changes the journal: it has the waiting jobs decide, appends what they want as one
//! batch, syncs once, makes memory follow, and only then answers.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chassis::metrics::{Metrics, histogram};
use daemon::{Boxed, Fatal, Jobs};
use prometheus_client::metrics::{counter::Counter, gauge::Gauge, histogram::Histogram};

use crate::batch::Batch;
use crate::compaction::{Compaction, Failure, is_due};
use crate::memory::Memory;
use crate::replay::{Replayed, apply};
use crate::{Error, Value};

/// More than there are connections would never be waiting at once.
const BATCH: usize = 1024;
/// How often a compaction is looked after while nothing is written.
const LOOK_AFTER: Duration = Duration::from_millis(20);
/// After one that failed, how much longer the log has to be for the next.
const TRY_AGAIN_AFTER: u64 = 1024 * 1024;

pub(crate) struct Writer<V> {
    path: PathBuf,
    log: File,
    /// The length of the log, all of it synced.
    length: u64,
    /// How much of it is the lines of current records.
    live: u64,
    /// The last line's.
    seq: u64,
    memory: Arc<Memory<V>>,
    counters: Counters,
    compaction: Option<Compaction>,
    /// No compaction before the log is longer than this.
    compact_from: u64,
}

struct Counters {
    writes: Counter,
    commit_seconds: Histogram,
    log_bytes: Gauge,
    compactions: Counter,
}

impl<V: Value> Writer<V> {
    pub(crate) fn new(
        path: PathBuf,
        log: File,
        replayed: &Replayed,
        memory: Arc<Memory<V>>,
        metrics: &mut Metrics,
    ) -> Self {
        let Replayed { length, live, seq, .. } = *replayed;
        let counters = Counters::registered(metrics, length);
        Self { path, log, length, live, seq, memory, counters, compaction: None, compact_from: 0 }
    }

    /// Works until nobody can ask any more, or until it is unknown what is on the disk.
    pub(crate) fn work(mut self, jobs: &Jobs<Batch<V>, Error>, fatal: &Fatal) {
        loop {
            let waiting = match self.compaction {
                None => jobs.batch(BATCH),
                Some(_) => jobs.batch_within(BATCH, LOOK_AFTER),
            };
            let Some(waiting) = waiting else { return };
            if let Err(sentence) = self.commit(waiting).and_then(|()| self.compact()) {
                fatal.raise(sentence);
                return;
            }
        }
    }

    /// Does a batch. An error is the sentence to end the process with: nobody has been answered then.
    fn commit(&mut self, mut jobs: Vec<Boxed<Batch<V>, Error>>) -> Result<(), String> {
        let started = Instant::now();
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
                jobs.into_iter().for_each(|job| job.answer(Some(Error::Full(full.clone()))));
                return Ok(());
            }
            self.seq += lines.len() as u64;
            self.counters.writes.inc_by(lines.len() as u64);
            self.counters.commit_seconds.observe(started.elapsed().as_secs_f64());
            for (line, bytes) in lines {
                apply(line, bytes, &self.memory, &mut self.live);
            }
        }
        jobs.into_iter().zip(failures).for_each(|(job, failure)| job.answer(failure));
        Ok(())
    }

    /// Appends and syncs. Where there is no room the log is what it was, and the cause is the inner error.
    fn append(&mut self, bytes: &[u8]) -> Result<Result<(), String>, String> {
        if let Err(error) = self.log.write_all(bytes) {
            // A full disk takes a part of what is written: cut it off again.
            return match (error.kind(), self.log.set_len(self.length)) {
                (ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge, Ok(())) => {
                    Ok(Err(error.to_string()))
                }
                _ => Err(self.unknown("written", &error)),
            };
        }
        // After a failed sync the kernel may call the next one fine though this data is lost: no second try.
        self.log.sync_data().map_err(|error| self.unknown("synced", &error))?;
        self.length += bytes.len() as u64;
        self.counters.log_bytes.set(self.length.cast_signed());
        Ok(Ok(()))
    }

    fn unknown(&self, what: &str, error: &io::Error) -> String {
        format!("{} could not be {what}, and its state is unknown: {error}", self.path.display())
    }

    /// Begins a compaction where one is due, and ends one that is done.
    fn compact(&mut self) -> Result<(), String> {
        let Some(compaction) = &mut self.compaction else {
            if is_due(self.length, self.live) && self.length > self.compact_from {
                match Compaction::begin(&self.path, self.length, self.seq, Arc::clone(&self.memory)) {
                    Ok(compaction) => self.compaction = Some(compaction),
                    Err(error) => self.put_compaction_off(&error),
                }
            }
            return Ok(());
        };
        compaction.log_grew(self.length);
        let Some(finished) = compaction.finished() else { return Ok(()) };
        self.compaction = None;
        match finished.map_err(Failure::from).and_then(|draft| draft.adopt(&self.path, self.length)) {
            Ok((log, length)) => {
                tracing::info!(file = %self.path.display(), before = self.length, after = length, "compacted");
                let old = mem::replace(&mut self.log, log);
                // Whoever closes it waits until the kernel has freed it, a tenth of a second for a million records.
                let _ = thread::Builder::new().name("compaction".to_owned()).spawn(move || drop(old));
                (self.length, self.compact_from) = (length, 0);
                self.counters.log_bytes.set(length.cast_signed());
                self.counters.compactions.inc();
            }
            Err(Failure::Unchanged(error)) => self.put_compaction_off(&error),
            Err(Failure::Unknown(error)) => return Err(self.unknown("replaced", &error)),
        }
        Ok(())
    }

    fn put_compaction_off(&mut self, error: &io::Error) {
        tracing::warn!(file = %self.path.display(), %error, "could not be compacted; later");
        self.compact_from = self.length + TRY_AGAIN_AFTER;
    }
}

impl Counters {
    fn registered(metrics: &mut Metrics, length: u64) -> Self {
        let counters = Self {
            writes: Counter::default(),
            commit_seconds: histogram(),
            log_bytes: Gauge::default(),
            compactions: Counter::default(),
        };
        counters.log_bytes.set(length.cast_signed());
        metrics.register("store_writes", "Lines committed", counters.writes.clone());
        metrics.register(
            "store_commit_seconds",
            "From deciding a batch to its sync",
            counters.commit_seconds.clone(),
        );
        metrics.register("store_log_bytes", "Length of the log", counters.log_bytes.clone());
        metrics.register("store_compactions", "Times the log was written anew", counters.compactions.clone());
        counters
    }
}
