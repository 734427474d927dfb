//! What the played person is asked.

use std::io::{self, BufRead, Read as _};

/// Enough for any request of the lab.
const HEAD_LIMIT: u64 = 64 * 1024;

/// A request that it got.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its method.
    pub(crate) method: String,
    /// Its path and query.
    pub(crate) target: String,
    /// Its header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Call {
    /// Reads a head; `None` where the connection ends before one.
    pub(super) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut lines = Vec::new();
        let mut head = reader.take(HEAD_LIMIT);
        loop {
            let mut line = Vec::new();
            if head.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            // What comes is shown on terminals.
            let line: String = String::from_utf8_lossy(&line).chars().filter(|c| !c.is_control()).collect();
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let Some(first) = lines.first() else { return Ok(None) };
        let mut words = first.split(' ').map(str::to_owned);
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
        let header = |line: &String| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers = lines[1..].iter().filter_map(header).collect();
        Ok(Some(Self { method, target, headers }))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Whether it names this person, in the path or in the query.
    pub(crate) fn is_about(&self, id: &str) -> bool {
        self.target.split(['/', '?', '=', '&']).any(|part| part == id)
    }

    /// Whether it asks for everybody, which tells of one person too.
    pub(crate) fn is_list(&self) -> bool {
        is_list(self.path())
    }

    /// Whether any of its header lines carries this token.
    pub(crate) fn carries(&self, token: &str) -> bool {
        self.headers.iter().any(|(_, value)| value.contains(token))
    }
}

/// Whether a path is that of all persons.
pub(super) fn is_list(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next();
    last.is_some_and(|last| ["persons", "person", "personnes", "personne"].contains(&last))
}
