//! A service below strace: in which order it made its calls to the kernel, and what if one of them fails.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use testkit::Binary;

use crate::disk::store::Store;

/// A call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Which thread made it.
    pub(crate) thread: String,
    pub(crate) name: String,
    /// Its arguments, as strace writes them; descriptors with the path behind them.
    pub(crate) arguments: String,
    /// Whether it did what it was asked to; not, where it never returned.
    pub(crate) succeeded: bool,
    /// Whether strace had it fail.
    pub(crate) injected: bool,
    /// The line of the trace in which it was seen to begin: before the kernel did anything.
    pub(crate) begun: usize,
    /// The line in which it was seen to end: after the kernel had done all of it.
    pub(crate) ended: usize,
}

impl Call {
    pub(crate) fn is_sync(&self) -> bool {
        matches!(&self.name[..], "fsync" | "fdatasync")
    }

    pub(crate) fn is_write(&self) -> bool {
        matches!(&self.name[..], "write" | "writev" | "pwrite64" | "pwritev")
    }

    /// The path of the file that it is about, where its first argument is a descriptor.
    pub(crate) fn file(&self) -> Option<&str> {
        let (number, rest) = self.arguments.split_once('<')?;
        let is_descriptor = number.bytes().all(|digit| digit.is_ascii_digit());
        is_descriptor.then(|| rest.split_once('>').map(|(path, _)| path))?
    }

    /// The status that it sends to a client.
    pub(crate) fn status(&self) -> Option<u16> {
        let sends = matches!(&self.name[..], "write" | "writev" | "sendto" | "sendmsg");
        let (_, answer) = self.arguments.split_once("\"HTTP/1.1 ").filter(|_| sends)?;
        answer.get(..3)?.parse().ok()
    }
}

/// Starts the service below strace, with these options.
///
/// strace is not the parent: `-D` lets signals and exit codes go their usual way.
pub(crate) fn serve(store: &Store, options: &str) -> Binary {
    let trace = store.place.text("trace");
    store.place.serve_after(&format!("exec strace -D -f -y --seccomp-bpf -o {trace} {options} \"$0\" serve"))
}

/// The calls in order of their beginnings, once the service has ended.
pub(crate) fn calls(store: &Store) -> Vec<Call> {
    let text = fs::read_to_string(store.place.path("trace")).expect("strace has written it");
    parse(&text)
}

/// The line in which a signal arrived.
pub(crate) fn signalled(store: &Store, signal: &str) -> Option<usize> {
    let text = fs::read_to_string(store.place.path("trace")).expect("strace has written it");
    text.lines().position(|line| line.contains(&format!("--- SIG{signal} ")))
}

fn parse(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    // Of each thread the call that it is in.
    let mut open: HashMap<&str, usize> = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let Some((thread, event)) = line.split_once(' ') else { continue };
        let event = event.trim_start();
        if let Some(resumed) = event.strip_prefix("<... ") {
            let index = open.remove(thread).expect("what is resumed was begun");
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

/// Whether a path is the store's or of a file that belongs to it.
pub(crate) fn belongs(path: &str, store: &Path) -> bool {
    path.starts_with(store.to_str().expect("text"))
}
