//! The one thread that changes the store: it decides what is waiting, appends it as one batch, syncs once,
//! makes memory follow, and only then answers.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use chassis::conditional::Precondition;
use chassis::{Fatal, Id};
use tokio::sync::oneshot;

use super::compaction::{Compaction, is_due};
use super::line::{Line, Operation};
use super::memory::{Memory, Record};
use super::replay::apply;
use super::{Change, Counters, Refusal};

/// As many as may be waiting at once.
const BATCH: usize = 1024;
/// How often a compaction is looked after while nothing is written.
const LOOK_AFTER: Duration = Duration::from_millis(20);
/// After one that failed, how much longer the log has to be for the next.
const TRY_AGAIN_AFTER: u64 = 1024 * 1024;

/// What somebody asks of the writer.
pub(crate) enum Ask {
    /// To change a record.
    Change {
        id: Id,
        change: Change,
        precondition: Precondition,
        reply: oneshot::Sender<Result<Option<Record>, Refusal>>,
    },
    /// To erase the records of these persons, and to note how far their deletions have been followed.
    Erase { ids: Vec<Id>, followed: i64, reply: oneshot::Sender<Result<usize, Refusal>> },
}

/// An outcome that waits for its batch to be durable.
enum Outcome {
    Change(oneshot::Sender<Result<Option<Record>, Refusal>>, Result<Option<Record>, Refusal>),
    Erase(oneshot::Sender<Result<usize, Refusal>>, usize),
}

impl Outcome {
    /// Hands it over; `full` where the batch found no room. Whoever has gone away does not undo it.
    fn answer(self, full: Option<&str>) {
        let refusal = full.map(|cause| Refusal::Full(cause.to_owned()));
        match self {
            Self::Change(reply, outcome) => drop(reply.send(refusal.map_or(outcome, Err))),
            Self::Erase(reply, count) => drop(reply.send(refusal.map_or(Ok(count), Err))),
        }
    }
}

pub(crate) struct Writer {
    pub(crate) path: PathBuf,
    pub(crate) log: File,
    /// The length of the log, all of it synced.
    pub(crate) length: u64,
    /// How much of it is current.
    pub(crate) live: u64,
    /// The last line's.
    pub(crate) seq: u64,
    pub(crate) memory: Arc<Memory>,
    pub(crate) fatal: Fatal,
    pub(crate) counters: Counters,
    pub(crate) compaction: Option<Compaction>,
    /// No compaction before the log is longer than this.
    pub(crate) compact_from: u64,
}

impl Writer {
    /// Works until nobody can ask any more, or until it is unknown what is on the disk.
    pub(crate) fn run(mut self, queue: &Receiver<Ask>) {
        let fatal = self.fatal.clone();
        let _guard = fatal.unless_returned("writer");
        loop {
            let first = if self.compaction.is_none() {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                queue.recv_timeout(LOOK_AFTER)
            };
            let worked = match first {
                Ok(first) => self.commit(std::iter::once(first).chain(queue.try_iter()).take(BATCH)),
                Err(RecvTimeoutError::Timeout) => Ok(()),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if let Err(sentence) = worked.and_then(|()| self.compact()) {
                self.fatal.raise(sentence);
                return;
            }
        }
    }

    /// Does a batch. An error is the sentence to end the process with: nobody has been answered then.
    fn commit(&mut self, asks: impl Iterator<Item = Ask>) -> Result<(), String> {
        let started = Instant::now();
        let mut batch =
            Batch { memory: &self.memory, seq: self.seq, changed: HashMap::new(), operations: Vec::new() };
        let outcomes: Vec<_> = asks.map(|ask| batch.decide(ask)).collect();
        let operations = batch.operations;
        let commit = self.seq + operations.len() as u64;
        let (mut text, mut lines) = (String::new(), Vec::with_capacity(operations.len()));
        for (seq, operation) in (self.seq + 1..).zip(operations) {
            let line = Line { seq, commit, operation };
            let bytes = line.write(&mut text);
            lines.push((line, u32::try_from(bytes).expect("a line has some hundred bytes")));
        }
        if !lines.is_empty() {
            if let Err(full) = self.append(text.as_bytes())? {
                outcomes.into_iter().for_each(|outcome| outcome.answer(Some(&full)));
                return Ok(());
            }
            self.seq = commit;
            self.counters.writes.inc_by(lines.len() as u64);
            self.counters.commit_seconds.observe(started.elapsed().as_secs_f64());
            for (line, bytes) in lines {
                apply(line, bytes, &self.memory, &mut self.live);
            }
        }
        outcomes.into_iter().for_each(|outcome| outcome.answer(None));
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
        if let Some(compaction) = &mut self.compaction {
            compaction.log_grew(self.length);
            let Some(finished) = compaction.finished() else { return Ok(()) };
            self.compaction = None;
            let adopted = finished
                .map_err(|error| (false, error))
                .and_then(|draft| draft.adopt(&mut self.reader()?, &self.path, self.length));
            match adopted {
                Ok((log, length)) => {
                    tracing::info!(
                        service = "health",
                        before = self.length,
                        after = length,
                        "compacted the log"
                    );
                    (self.log, self.length, self.compact_from) = (log, length, 0);
                    self.counters.log_bytes.set(length.cast_signed());
                    self.counters.compactions.inc();
                }
                Err((false, error)) => {
                    tracing::warn!(service = "health", %error, "the log could not be compacted; later");
                    self.compact_from = self.length + TRY_AGAIN_AFTER;
                }
                Err((true, error)) => return Err(self.unknown("replaced", &error)),
            }
        } else if is_due(self.length, self.live) && self.length > self.compact_from {
            match Compaction::begin(&self.path, self.length, self.seq, Arc::clone(&self.memory)) {
                Ok(compaction) => self.compaction = Some(compaction),
                Err(error) => {
                    tracing::warn!(service = "health", %error, "no compaction could be begun; later");
                    self.compact_from = self.length + TRY_AGAIN_AFTER;
                }
            }
        }
        Ok(())
    }

    fn reader(&self) -> Result<File, (bool, io::Error)> {
        File::open(&self.path).map_err(|error| (false, error))
    }
}

/// What has been decided so far, on top of what is in memory.
struct Batch<'m> {
    memory: &'m Memory,
    /// The last line's before the batch.
    seq: u64,
    changed: HashMap<Id, Option<Record>>,
    operations: Vec<Operation>,
}

impl Batch<'_> {
    fn decide(&mut self, ask: Ask) -> Outcome {
        match ask {
            Ask::Change { id, change, precondition, reply } => {
                let outcome = self.change(id, change, &precondition);
                Outcome::Change(reply, outcome)
            }
            Ask::Erase { ids, followed, reply } => {
                let held: Vec<Id> = ids.into_iter().filter(|id| self.current(*id).is_some()).collect();
                for id in &held {
                    self.push(*id, None);
                }
                if followed != self.memory.followed() {
                    self.operations.push(Operation::Followed(followed));
                }
                Outcome::Erase(reply, held.len())
            }
        }
    }

    fn change(
        &mut self,
        id: Id,
        change: Change,
        precondition: &Precondition,
    ) -> Result<Option<Record>, Refusal> {
        let current = self.current(id);
        if let Change::Add(vitals) = change {
            return if current.is_some() { Err(Refusal::Exists) } else { Ok(self.push(id, Some(vitals))) };
        }
        let current = current.ok_or(Refusal::Missing)?;
        if !precondition.allows(current.version) {
            return Err(Refusal::Stale);
        }
        let vitals = match change {
            Change::Add(vitals) | Change::Replace(vitals) => Some(vitals),
            Change::Merge(patch) => Some(patch.apply(&current.vitals).map_err(Refusal::Invalid)?),
            Change::Delete => None,
        };
        Ok(self.push(id, vitals))
    }

    fn current(&self, id: Id) -> Option<Record> {
        self.changed.get(&id).copied().unwrap_or_else(|| self.memory.get(id))
    }

    /// Adds a line, and returns the record as it will be.
    fn push(&mut self, id: Id, vitals: Option<crate::vitals::Vitals>) -> Option<Record> {
        let version = self.seq + self.operations.len() as u64 + 1;
        let record = vitals.map(|vitals| Record { vitals, version, bytes: 0 });
        self.operations.push(vitals.map_or(Operation::Delete(id), |vitals| Operation::Put(id, vitals)));
        self.changed.insert(id, record);
        record
    }
}
