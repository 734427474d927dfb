//! A service below strace, which records the order of its system calls, and can make one of them fail.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use faults::Store;
use testkit::Binary;

/// A system call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The thread that made the call.
    pub(crate) thread: String,
    pub(crate) name: String,
    /// The arguments as strace prints them: descriptors with their path.
    pub(crate) arguments: String,
    /// Whether the call returned without an error.
    pub(crate) succeeded: bool,
    /// Whether strace made the call fail.
    pub(crate) injected: bool,
    /// The line of the trace at which the call began: before the kernel did anything.
    pub(crate) begun: usize,
    /// The line at which the call ended: after the kernel had done all of it.
    pub(crate) ended: usize,
}

impl Call {
    pub(crate) fn is_sync(&self) -> bool {
        matches!(&self.name[..], "fsync" | "fdatasync")
    }

    pub(crate) fn is_write(&self) -> bool {
        matches!(&self.name[..], "write" | "writev" | "pwrite64" | "pwritev")
    }

    /// Returns the path of the file if the first argument is a descriptor.
    pub(crate) fn file(&self) -> Option<&str> {
        let (number, rest) = self.arguments.split_once('<')?;
        let is_descriptor = number.bytes().all(|digit| digit.is_ascii_digit());
        is_descriptor.then(|| rest.split_once('>').map(|(path, _)| path))?
    }

    /// Returns the status of the answer that the call sends to a client.
    pub(crate) fn status(&self) -> Option<u16> {
        let sends = matches!(&self.name[..], "write" | "writev" | "sendto" | "sendmsg");
        let (_, answer) = self.arguments.split_once("\"HTTP/1.1 ").filter(|_| sends)?;
        answer.get(..3)?.parse().ok()
    }
}

/// Starts the service below strace, with these options.
///
/// strace is not the parent of the service (`-D`), so signals and exit codes take their usual way.
pub(crate) fn serve(store: &Store, options: &str) -> Binary {
    let trace = store.dir.text("trace");
    store.dir.serve_after(&format!("exec strace -D -f -y --seccomp-bpf -o {trace} {options} \"$0\" serve"))
}

/// Returns the calls in the order of their beginnings. The service must have ended.
pub(crate) fn calls(store: &Store) -> Vec<Call> {
    let text = fs::read_to_string(store.dir.path("trace")).expect("the trace is there");
    parse(&text)
}

/// Returns the line at which a signal arrived.
pub(crate) fn signalled(store: &Store, signal: &str) -> Option<usize> {
    let text = fs::read_to_string(store.dir.path("trace")).expect("the trace is there");
    text.lines().position(|line| line.contains(&format!("--- SIG{signal} ")))
}

fn parse(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    // The unfinished call of each thread.
    let mut open: HashMap<&str, usize> = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let Some((thread, event)) = line.split_once(' ') else { continue };
        let event = event.trim_start();
        if let Some(resumed) = event.strip_prefix("<... ") {
            let index = open.remove(thread).expect("a resumed call has begun");
            end(&mut calls[index], resumed, number);
        } else if let Some((name, rest)) = event.split_once('(').filter(|_| !event.starts_with(['+', '-'])) {
            let call = Call {
                thread: thread.to_owned(),
                name: name.to_owned(),
                arguments: rest.to_owned(),
                succeeded: false,
                injected: false,
                begun: number,
                ended: usize::MAX,
            };
            calls.push(call);
            let index = calls.len() - 1;
            if rest.ends_with("<unfinished ...>") {
                open.insert(thread, index);
            } else {
                end(&mut calls[index], rest, number);
            }
        }
    }
    calls
}

fn end(call: &mut Call, rest: &str, line: usize) {
    let result = rest.rsplit_once(" = ").map_or("?", |(_, result)| result);
    call.succeeded = !result.starts_with(['-', '?']);
    call.injected = result.ends_with("(INJECTED)");
    call.ended = line;
}

/// Returns whether a path is the store, or a file that belongs to the store.
pub(crate) fn belongs(path: &str, store: &Path) -> bool {
    path.starts_with(store.to_str().expect("text"))
}
