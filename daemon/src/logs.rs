//! Logs: one line an event on standard error, as text or JSON.
//!
//! Lines are written by a thread of their own: a reader of the pipe that has stopped reading must not stop
//! the service. Past a full queue lines are dropped and counted.

use std::io::{self, IsTerminal as _, Write};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
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

/// A megabyte of lines as a rule; some ten times that where somebody sends the longest paths there may be.
const QUEUE_LINES: usize = 4096;
/// How much is gathered for one write.
const WRITE_BYTES: usize = 64 * 1024;

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
    let (sender, receiver) = sync_channel(QUEUE_LINES);
    let lines = Lines { sender, lost: Arc::new(AtomicU64::new(0)) };
    let lost = Arc::clone(&lines.lost);
    let thread = thread::Builder::new()
        .name("logs".to_owned())
        .spawn(move || write_lines(&receiver, &lost, settings.json));
    let flush = Flush { sender: lines.sender.clone(), thread: thread.ok() };
    let subscriber =
        tracing_subscriber::fmt().with_max_level(settings.level).with_target(false).with_writer(lines);
    // Refused only where a subscriber is set already: then that one stays.
    let _ = if settings.json {
        tracing::subscriber::set_global_default(subscriber.json().flatten_event(true).finish())
    } else {
        tracing::subscriber::set_global_default(subscriber.finish())
    };
    flush
}

enum Message {
    Line(Vec<u8>),
    End,
}

struct Flush {
    sender: SyncSender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Flush {
    fn drop(&mut self) {
        let mut told = false;
        wait_for(|| {
            told = told || self.sender.try_send(Message::End).is_ok();
            self.thread.as_ref().is_none_or(JoinHandle::is_finished)
        });
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

fn write_lines(lines: &Receiver<Message>, lost: &AtomicU64, json: bool) {
    let mut buffer = Vec::new();
    let mut ended = false;
    while !ended {
        let mut next = lines.recv().ok();
        ended = next.is_none();
        while let Some(message) = next {
            match message {
                Message::Line(line) => buffer.extend_from_slice(&line),
                Message::End => ended = true,
            }
            next = if ended || buffer.len() > WRITE_BYTES { None } else { lines.try_recv().ok() };
        }
        let dropped = lost.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let told = format!("{dropped} log lines were dropped");
            let told = if json { format!("{{\"level\":\"WARN\",\"message\":\"{told}\"}}") } else { told };
            buffer.extend_from_slice(told.as_bytes());
            buffer.push(b'\n');
        }
        // Where standard error is closed there is nobody to tell.
        let _ = io::stderr().write_all(&buffer);
        buffer.clear();
    }
}

#[derive(Clone)]
struct Lines {
    sender: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.sender.try_send(Message::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
