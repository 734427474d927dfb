//! Logs: one line for each event on standard error, as text or JSON.
//!
//! A separate thread writes the lines: a reader of the pipe that has stopped reading must not stop the service. If too
//! many lines wait, further ones are dropped and counted.

mod json_line;

use std::io::{self, IsTerminal as _, Write};
use std::mem;
use std::str::FromStr as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Reader, Variable};
use json_line::JsonLine;

/// The variables of every service's logs.
pub(crate) const VARIABLES: [Variable; 2] = [
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

/// Room for about 4,000 waiting lines, which the heaviest load writes in a tenth of a second.
const ROOM: usize = 1024 * 1024;
/// How long the thread collects lines between two writes; a reader at a terminal sees no delay.
const COLLECT: Duration = Duration::from_millis(5);

/// For the last lines when the process ends.
const END_LIMIT: Duration = Duration::from_secs(1);

/// The level and the format of the log.
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

/// Starts logging for the whole process, once. Dropping the returned guard flushes the log.
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
    // This fails only if a subscriber is set already, which then stays.
    let _ = if settings.json {
        tracing::subscriber::set_global_default(subscriber.event_format(JsonLine).finish())
    } else {
        tracing::subscriber::set_global_default(subscriber.finish())
    };
    flush
}

/// The lines that wait to be written.
#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Lines dropped for lack of room.
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

/// Prints an error message on standard error, outside the log: logging may not have started.
pub(crate) fn print_error(message: &str) {
    let line = format!("{message}\n");
    let written = thread::spawn(move || io::stderr().write_all(line.as_bytes()));
    wait_for(|| written.is_finished());
}

/// Waits until the output is written, for a limited time: a reader that has stopped reading must not keep the process
/// from ending.
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

    /// Writes waiting lines until the process ends.
    fn write_out(&self, json: bool) {
        let mut bytes = Vec::new();
        let mut ended = false;
        while !ended {
            let idle = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.ended;
            let waiting = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
            // Waking this thread costs more than writing a line, so let some lines collect.
            let collected = self.changed.wait_timeout_while(waiting, COLLECT, |waiting| !waiting.ended);
            let (mut waiting, _) = collected.unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut bytes, &mut waiting.bytes);
            let dropped = mem::take(&mut waiting.dropped);
            ended = waiting.ended;
            drop(waiting);
            if dropped > 0 {
                let notice = format!("{dropped} log lines were dropped");
                let notice =
                    if json { format!("{{\"level\":\"WARN\",\"message\":\"{notice}\"}}") } else { notice };
                bytes.extend_from_slice(notice.as_bytes());
                bytes.push(b'\n');
            }
            // If standard error is closed, the lines are lost.
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
