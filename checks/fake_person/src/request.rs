//! The requests that the fake receives.

use std::io::{self, Read as _};
use std::net::TcpStream;

/// Enough for any request of the lab.
const HEAD_LIMIT: usize = 64 * 1024;
/// What versions of the lab call the route of all persons.
const LISTS: [&str; 4] = ["persons", "person", "personnes", "personne"];
const END: &[u8] = b"\r\n\r\n";

/// A recorded request.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// The number of its connection, counted from 0.
    pub connection: usize,
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub target: String,
    /// Its header lines, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl RecordedRequest {
    /// Reads a head, all but its last byte: see [`Response::Reset`](crate::Response::Reset). Returns `None` if the
    /// connection ends first.
    pub(super) fn read(mut stream: &TcpStream, connection: usize) -> io::Result<Option<Self>> {
        let (mut head, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let peeked = stream.peek(&mut chunk)?;
            if peeked == 0 || head.len() > HEAD_LIMIT {
                return Ok(None);
            }
            let before = head.len();
            head.extend(&chunk[..peeked]);
            let end = head.windows(END.len()).position(|window| window == END);
            let taken = end.map_or(peeked, |end| end + END.len() - 1 - before);
            stream.read_exact(&mut chunk[..taken])?;
            if let Some(end) = end {
                head.truncate(end);
                return Ok(Self::parse(&String::from_utf8_lossy(&head), connection));
            }
        }
    }

    fn parse(head: &str, connection: usize) -> Option<Self> {
        // Reports show requests on terminals, where a control character could move the cursor.
        let clean = |line: &str| line.chars().filter(|c| !c.is_control()).collect::<String>();
        let mut lines = head.lines().map(clean);
        let first = lines.next()?;
        let mut words = first.split(' ').map(str::to_owned);
        let (method, target) = (words.next()?, words.next()?);
        let header = |line: String| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers = lines.filter_map(header).collect();
        Some(Self { connection, method, target, headers })
    }

    /// Returns its path.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Returns a number of the query.
    pub fn query(&self, name: &str) -> Option<i64> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(given, _)| *given == name)?.1.parse().ok()
    }

    /// Returns its bearer token.
    ///
    /// # Panics
    /// If it has none.
    pub fn token(&self) -> &str {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).expect("a bearer token")
    }

    /// Whether a header line contains this token.
    pub fn carries(&self, token: &str) -> bool {
        self.headers.iter().any(|(_, value)| value.contains(token))
    }

    /// Whether the path or the query names this person.
    pub fn is_about(&self, id: &str) -> bool {
        self.target.split(['/', '?', '=', '&']).any(|part| part == id)
    }

    /// Whether it asks for the list of all persons.
    pub fn is_list(&self) -> bool {
        LISTS.contains(&self.last_segment())
    }

    pub(super) fn last_segment(&self) -> &str {
        self.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }
}
