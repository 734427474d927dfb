//! What the fake hears.

use std::io::{self, BufRead};
use std::time::Instant;

/// A request that it got.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When its head was whole.
    pub at: Instant,
    /// On which connection, counted from 0.
    pub connection: usize,
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub target: String,
    /// Its header lines, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Heard {
    /// Reads a head; `None` where the connection ends before one.
    pub(super) fn read(reader: &mut impl BufRead, connection: usize) -> io::Result<Option<Self>> {
        let mut line = String::new();
        let mut lines = Vec::new();
        while reader.read_line(&mut line)? > 0 && line != "\r\n" {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        let mut request = lines.first().map(|line| line.split(' ').map(str::to_owned)).into_iter().flatten();
        let (Some(method), Some(target), "\r\n") = (request.next(), request.next(), &line[..]) else {
            return Ok(None);
        };
        let header = |line: &String| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers = lines[1..].iter().filter_map(header).collect();
        Ok(Some(Self { at: Instant::now(), connection, method, target, headers }))
    }

    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A number of the query.
    pub fn query(&self, name: &str) -> Option<i64> {
        let (_, query) = self.target.split_once('?')?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(given, _)| *given == name)?.1.parse().ok()
    }

    /// Its bearer token.
    ///
    /// # Panics
    /// If it has none.
    pub fn token(&self) -> &str {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).expect("a bearer token")
    }
}
