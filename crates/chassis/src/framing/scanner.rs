//! Follows the bytes of a client from request to request, and finds:
//!
//! - a line that ends without a carriage return, in a head, a chunked body or its trailers;
//! - `Content-Length` beside `Transfer-Encoding`, and a `Transfer-Encoding` other than one `chunked`;
//! - a chunk whose size line or end is not exactly as RFC 9112 section 7.1 has it;
//! - a target with a fragment;
//! - the preface of HTTP/2, which hyper answers with 400 or with silence, depending on how its bytes arrive.

use std::mem;

use memchr::memchr;

/// The value of the second `Transfer-Encoding` that [`Refusal::Coding`] adds.
pub(crate) const REFUSED_CODING: &str = "refused, chunked";

/// Why the rest of a request is replaced, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A bad head. hyper answers 400 to a NUL byte, which no head may hold. An end of head follows, because hyper parses
    /// a head that arrived in parts only once it is complete.
    Head,
    /// A transfer coding that is not known. The addition makes hyper accept the head, and the checks of the head refuse
    /// it with 501.
    Coding,
    /// A bad chunk. The body ends here, which makes it incomplete.
    Chunk,
}

impl Refusal {
    pub(super) const LONGEST: usize = Self::Coding.bytes().len();

    pub(super) const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Head => b"\0\r\n\r\n",
            Self::Coding => b"Transfer-Encoding: refused, chunked\r\n\r\n",
            Self::Chunk => b"",
        }
    }
}

/// The scanner of one connection.
#[derive(Default)]
pub(super) struct Scanner {
    position: Position,
    head: Head,
    /// The part of a line that has arrived.
    line: Vec<u8>,
}

/// The element that the next byte belongs to.
#[derive(Clone, Copy, Default)]
enum Position {
    #[default]
    Head,
    /// A body with this many bytes left.
    Body(u64),
    ChunkSize,
    /// A chunk with this many bytes left.
    Chunk(u64),
    ChunkEnd,
    Trailers,
    /// Behind a chunked body: the connection ends with this request, whatever follows.
    Rest,
    /// Behind a refusal: nothing is passed on.
    Refused,
}

/// The content of a head so far.
#[derive(Default)]
struct Head {
    has_request_line: bool,
    /// `Some(None)` is an invalid number: hyper rejects it and closes the connection.
    content_length: Option<Option<u64>>,
    /// Whether the transfer coding is exactly one `chunked`.
    is_chunked: Option<bool>,
}

impl Scanner {
    /// Returns whether the next byte begins a request.
    pub(super) fn is_between_requests(&self) -> bool {
        matches!(self.position, Position::Head) && !self.head.has_request_line && self.line.is_empty()
    }

    /// Returns whether nothing more is passed on.
    pub(super) fn has_refused(&self) -> bool {
        matches!(self.position, Position::Refused)
    }

    /// Returns the carriage return that [`Self::pass`] has withheld, if any. The next bytes follow it, unless they are
    /// refused.
    pub(super) fn withheld(&self) -> &'static [u8] {
        if matches!(self.position, Position::Head) && self.line == b"\r" { b"\r" } else { b"" }
    }

    /// Inspects bytes; returns how many to pass on, and the refusal that follows them. Withholds a carriage return that
    /// may belong to the end of a head: a refusal must replace the whole end.
    pub(super) fn pass(&mut self, bytes: &mut [u8]) -> (usize, Option<Refusal>) {
        let mut passed = 0;
        while passed < bytes.len() {
            let rest = &mut bytes[passed..];
            passed += match &mut self.position {
                Position::Rest => return (bytes.len(), None),
                Position::Refused => return (passed, None),
                Position::Body(left) | Position::Chunk(left) => {
                    let here = (*left).min(rest.len() as u64);
                    *left -= here;
                    if *left == 0 {
                        let is_body = matches!(self.position, Position::Body(_));
                        self.position = if is_body { Position::Head } else { Position::ChunkEnd };
                    }
                    usize::try_from(here).expect("at most a chunk")
                }
                _ => {
                    let read = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
                    self.line.extend_from_slice(&rest[..read]);
                    if matches!(self.position, Position::Head) {
                        shorten_length(&self.line, &mut rest[..read]);
                    }
                    if !self.withheld().is_empty() {
                        return (passed, None);
                    }
                    if self.line.ends_with(b"\n") {
                        self.position = match self.end_of_line() {
                            Ok(position) => position,
                            Err(refusal) => {
                                self.position = Position::Refused;
                                return (passed, Some(refusal));
                            }
                        };
                        self.line.clear();
                    }
                    read
                }
            };
        }
        (passed, None)
    }

    /// Returns the position after the line.
    fn end_of_line(&mut self) -> Result<Position, Refusal> {
        let line = self.line.strip_suffix(b"\r\n");
        match self.position {
            Position::ChunkSize => match line.and_then(chunk_size).ok_or(Refusal::Chunk)? {
                0 => Ok(Position::Trailers),
                size => Ok(Position::Chunk(size)),
            },
            Position::ChunkEnd if line == Some(b"") => Ok(Position::ChunkSize),
            Position::ChunkEnd => Err(Refusal::Chunk),
            Position::Trailers => match line.ok_or(Refusal::Chunk)? {
                b"" => Ok(Position::Rest),
                line if line.contains(&b'\r') => Err(Refusal::Chunk),
                _ => Ok(Position::Trailers),
            },
            Position::Head | Position::Body(_) | Position::Chunk(_) | Position::Rest | Position::Refused => {
                self.head.add(line.ok_or(Refusal::Head)?)
            }
        }
    }
}

impl Head {
    /// Adds a line; returns the position after it.
    fn add(&mut self, line: &[u8]) -> Result<Position, Refusal> {
        if !self.has_request_line {
            // An empty line before the request line is ignored.
            self.has_request_line = !line.is_empty();
            // A method may hold a `#`; a target may not.
            let mut target = line.iter().skip_while(|byte| **byte != b' ');
            let is_bad = line == b"PRI * HTTP/2.0" || target.any(|byte| *byte == b'#');
            return if is_bad { Err(Refusal::Head) } else { Ok(Position::Head) };
        }
        if line.is_empty() {
            return mem::take(self).end();
        }
        if let Some(colon) = line.iter().position(|b| *b == b':') {
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if name.eq_ignore_ascii_case(b"transfer-encoding") {
                self.is_chunked = Some(self.is_chunked.is_none() && value.eq_ignore_ascii_case(b"chunked"));
            }
            if name.eq_ignore_ascii_case(b"content-length") {
                self.content_length = Some(content_length(value));
            }
        }
        Ok(Position::Head)
    }

    /// Returns the position after the head, unless it gives the length of the body in two ways or in an unknown one.
    fn end(self) -> Result<Position, Refusal> {
        match (self.content_length, self.is_chunked) {
            (Some(_), Some(_)) => Err(Refusal::Head),
            (None, Some(false)) => Err(Refusal::Coding),
            (None, Some(true)) => Ok(Position::ChunkSize),
            (None | Some(Some(0)), None) => Ok(Position::Head),
            (Some(Some(length)), None) => Ok(Position::Body(length)),
            (Some(None), None) => Ok(Position::Rest),
        }
    }
}

/// Parses a length; one that no body has becomes the largest number.
fn content_length(value: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(value).ok()?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let length = digits.parse().unwrap_or(u64::MAX);
    Some(if length > i64::MAX.unsigned_abs() { u64::MAX } else { length })
}

/// Replaces the last digits of a length that no body has by spaces: it is still far beyond the limit of a body, so the
/// answer is 413. hyper would answer with 400 or 431. `tail` is the part of the line that hyper has not seen.
fn shorten_length(line: &[u8], tail: &mut [u8]) {
    const NAME: &[u8] = b"content-length:";
    const DIGITS: usize = 18;
    let Some((name, value)) = line.split_at_checked(NAME.len()) else { return };
    if value.len() <= DIGITS || !name.eq_ignore_ascii_case(NAME) {
        return;
    }
    let first_seen = line.len() - tail.len();
    let digits = line.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
    let significant = digits.skip_while(|(_, digit)| **digit == b'0');
    for place in significant.skip(DIGITS).filter_map(|(place, _)| place.checked_sub(first_seen)) {
        tail[place] = b' ';
    }
}

/// Parses the size line of a chunk: hexadecimal digits, then nothing or an extension, which is ignored.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
    let (digits, extension) = line.split_at(end);
    let is_text = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~' | 0x80..);
    if !(extension.is_empty() || extension.starts_with(b";")) || !extension.iter().all(is_text) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests;
