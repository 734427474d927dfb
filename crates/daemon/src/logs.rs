//! Logs: one line an event on standard error, as text or JSON.
//!
//! Lines are written by a thread of their own: a reader of the pipe that has stopped reading must not stop
//! the service. Where too many wait, lines are dropped and counted.

use std::io::{self, IsTerminal as _, Write};
use std::mem;
use std::str::FromStr as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Reader, Variable};

/// The variables of every service's logs.
pub const VARIABLES: [Variable; 2] = [
    Variable {
        name: "LOG",
        default: Some("info"),
        meaning: "what to log: off, error, warn, info, debug or trace",
    },
    Variable {
        name: "LOG_FORMAT",
        default: Some("auto"),
        meaning: "text, json, or auto: text on a terminal, else json",
    },
];

/// For lines that wait: some four thousand, a tenth of a second's worth under the heaviest load.
const ROOM: usize = 1024 * 1024;
/// How long lines gather; a reader at a terminal sees no delay.
const GATHER: Duration = Duration::from_millis(5);

/// For the last lines to be written when the process ends.
const END_LIMIT: Duration = Duration::from_secs(1);

/// What is logged, and how.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    level: LevelFilter,
    json: bool,
}

impl Settings {
    /// Reads `LOG` and `LOG_FORMAT`.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let level = reader.read(&VARIABLES[0], |value| {
            LevelFilter::from_str(value)
                .map_err(|_| "expected off, error, warn, info, debug or trace".to_owned())
        });
        let json = reader.read(&VARIABLES[1], |value| match value {
            "auto" => Ok(!io::stderr().is_terminal()),
            "json" => Ok(true),
            "text" => Ok(false),
            _ => Err("expected text, json or auto".to_owned()),
        });
        Some(Self { level: level?, json: json? })
    }
}

/// Starts logging for the whole process, once. Lines are flushed when the returned value is dropped.
pub fn start(settings: Settings) -> impl Drop {
    let lines = Arc::new(Lines::default());
    let written = Arc::clone(&lines);
    let thread =
        thread::Builder::new().name("logs".to_owned()).spawn(move || written.write_out(settings.json));
    let flush = Flush { lines: Arc::clone(&lines), thread: thread.ok() };
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(settings.level)
        .with_target(false)
        .with_writer(Writer(lines));
    // Refused only where a subscriber is set already: then that one stays.
    let _ = if settings.json {
        tracing::subscriber::set_global_default(subscriber.json().flatten_event(true).finish())
    } else {
        tracing::subscriber::set_global_default(subscriber.finish())
    };
    flush
}

/// Lines on their way to standard error, and who waits for them.
#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Lines for which there was no room.
    dropped: u64,
    ended: bool,
}

struct Flush {
    lines: Arc<Lines>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Flush {
    fn drop(&mut self) {
        self.lines.lock().ended = true;
        self.lines.changed.notify_one();
        wait_for(|| self.thread.as_ref().is_none_or(JoinHandle::is_finished));
    }
}

/// Says on standard error why the process ends; beside the log, for there may be none.
pub(crate) fn say(sentence: &str) {
    let line = format!("{sentence}\n");
    let written = thread::spawn(move || io::stderr().write_all(line.as_bytes()));
    wait_for(|| written.is_finished());
}

/// Waits a moment for what is on its way to standard error: a reader that has stopped reading must not keep the
/// process from ending.
fn wait_for(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() && start.elapsed() < END_LIMIT {
        thread::sleep(Duration::from_millis(1));
    }
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is waiting, until the process ends.
    fn write_out(&self, json: bool) {
        let mut bytes = Vec::new();
        let mut ended = false;
        while !ended {
            let idle = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.ended;
            let waiting = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
            // To wake this thread costs more than a line does: let some gather.
            let gathered = self.changed.wait_timeout_while(waiting, GATHER, |waiting| !waiting.ended);
            let (mut waiting, _) = gathered.unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut bytes, &mut waiting.bytes);
            let dropped = mem::take(&mut waiting.dropped);
            ended = waiting.ended;
            drop(waiting);
            if dropped > 0 {
                let told = format!("{dropped} log lines were dropped");
                let told = if json { format!("{{\"level\":\"WARN\",\"message\":\"{told}\"}}") } else { told };
                bytes.extend_from_slice(told.as_bytes());
                bytes.push(b'\n');
            }
            // Where standard error is closed there is nobody to tell.
            let _ = io::stderr().write_all(&bytes);
            bytes.clear();
        }
    }
}

struct Writer(Arc<Lines>);

impl MakeWriter<'_> for Writer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.0.lock();
        if waiting.bytes.len() + line.len() > ROOM {
            waiting.dropped += 1;
        } else {
            waiting.bytes.extend_from_slice(line);
            if waiting.bytes.len() == line.len() {
                self.0.changed.notify_one();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
