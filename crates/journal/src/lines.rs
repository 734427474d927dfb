//! The lines of a log file, with their numbers.

use std::io::{self, BufRead};

/// Reads a file line by line; the first line has the number 1.
pub(crate) struct Lines<'l, B> {
    log: &'l mut B,
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
}

impl<'l, B: BufRead> Lines<'l, B> {
    pub(crate) fn of(log: &'l mut B) -> Self {
        Self { log, number: 0, bytes: Vec::new() }
    }

    /// Advances to the next line; returns `false` at the end of the file.
    pub(crate) fn advance(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        let more = self.log.read_until(b'\n', &mut self.bytes)? > 0;
        self.number += u64::from(more);
        Ok(more)
    }

    /// Returns the line without its line feed, or `None` if it has no line feed.
    pub(crate) fn complete(&self) -> Option<&[u8]> {
        self.bytes.strip_suffix(b"\n")
    }

    pub(crate) fn length(&self) -> u32 {
        u32::try_from(self.bytes.len()).expect("a valid line has some hundred bytes")
    }
}
