//! Configuration, read from environment variables. Each variable is described once; all invalid ones are reported at
//! once.

use std::collections::HashMap;
use std::env;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::command_line::Failure;

/// An environment variable.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its default value; `None` if it must be set.
    pub default: Option<&'static str>,
    /// One line for `--help`.
    pub meaning: &'static str,
}

/// Where values come from: the process environment, or a map in tests and in `lab`.
pub trait Source {
    /// Returns the value of a variable if it is set.
    fn get(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy)]
pub struct Environment;

impl Source for Environment {
    fn get(&self, name: &str) -> Option<String> {
        env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }
}

impl Source for HashMap<&str, String> {
    fn get(&self, name: &str) -> Option<String> {
        HashMap::get(self, name).cloned()
    }
}

/// Reads variables and collects an error message for each invalid one.
pub struct Reader<'s> {
    source: &'s dyn Source,
    invalid: Vec<String>,
}

impl<'s> Reader<'s> {
    /// Returns a reader of this source.
    pub fn new(source: &'s dyn Source) -> Self {
        Self { source, invalid: Vec::new() }
    }

    /// Reads and parses one variable. An empty value counts as not set, as Compose writes it.
    ///
    /// Returns `None` after recording an error message; the error of `parse` completes "NAME=value: …".
    pub fn read<T>(
        &mut self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let name = variable.name;
        let value = self.source.get(name).filter(|value| !value.is_empty());
        let parsed = match value.as_deref().or(variable.default) {
            Some(value) => check_text(value)
                .and_then(|()| parse(value))
                .map_err(|error| format!("{name}={}: {error}", printable(value))),
            None => Err(format!("{name} must be set: {}", variable.meaning)),
        };
        parsed.map_err(|error| self.invalid.push(error)).ok()
    }

    /// Returns the value of a variable that no message may quote, whatever it is.
    pub fn secret(&self, name: &str) -> Option<String> {
        self.source.get(name).filter(|value| !value.is_empty())
    }

    /// Returns the whole configuration if every variable is valid.
    ///
    /// # Errors
    /// Returns an error message for each invalid variable.
    pub fn finish<T>(self, config: Option<T>) -> Result<T, Vec<String>> {
        config.filter(|_| self.invalid.is_empty()).ok_or(self.invalid)
    }
}

/// Reads a configuration from a source.
///
/// # Errors
/// Returns one failure that names every invalid variable.
pub fn read<T>(source: &dyn Source, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Result<T, Failure> {
    let mut reader = Reader::new(source);
    let config = read(&mut reader);
    reader.finish(config).map_err(|invalid| Failure::configuration(&invalid))
}

/// Rejects a value that holds what an editor, a shell or another system left around the intended one. As a path such a
/// value would name a new, empty store.
fn check_text(value: &str) -> Result<(), String> {
    if let Some(control) = value.chars().find(|c| c.is_control()) {
        return Err(format!("it holds the control character U+{:04X}", u32::from(control)));
    }
    // A value that is not UTF-8 was read with this character in place of the invalid bytes.
    if value.contains(char::REPLACEMENT_CHARACTER) {
        return Err("it is not UTF-8".to_owned());
    }
    if value.starts_with(['"', '\'']) || value.ends_with(['"', '\'']) {
        return Err("it holds the quotes around the value: remove them".to_owned());
    }
    if value.trim() != value {
        return Err("it begins or ends with white space".to_owned());
    }
    Ok(())
}

/// Returns a value with its control characters escaped, which would change the look of an error message, and without a
/// password, which only an address can hold.
fn printable(value: &str) -> String {
    if let Some((scheme, rest)) = value.split_once(':')
        && (rest.contains('@') || rest.contains("password"))
    {
        return format!("{scheme}:…");
    }
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    value.chars().map(escape).collect()
}

/// Parses the address of a listener.
///
/// # Errors
/// Returns an error message that shows an address.
pub fn address(value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| "expected an address like 127.0.0.1:5001".to_owned())
}

/// Parses a path: any text that [`Reader::read`] accepts is one, except an address, which would become a folder.
///
/// # Errors
/// Returns an error message for an address.
pub fn path(value: &str) -> Result<PathBuf, String> {
    if value.contains("://") {
        return Err("expected the path of a file".to_owned());
    }
    Ok(PathBuf::from(value))
}

/// Returns the table of variables for `--help`.
pub(crate) fn table(variables: &[Variable]) -> String {
    let mut table = String::new();
    for Variable { name, default, meaning } in variables {
        let default = default.unwrap_or("required");
        writeln!(table, "  {name:<21} {meaning} [{default}]").expect("writing to a string cannot fail");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTEN: Variable =
        Variable { name: "LISTEN", default: Some("127.0.0.1:80"), meaning: "the address" };
    const KEY: Variable = Variable { name: "KEY", default: None, meaning: "the key" };

    fn read(source: &HashMap<&str, String>) -> Result<(SocketAddr, PathBuf), Vec<String>> {
        let mut reader = Reader::new(source);
        let listen = reader.read(&LISTEN, address);
        let key = reader.read(&KEY, path);
        reader.finish(listen.zip(key))
    }

    #[test]
    fn an_empty_value_counts_as_not_set() {
        let source = HashMap::from([("KEY", "k".to_owned()), ("LISTEN", String::new())]);
        assert_eq!(read(&source), Ok((SocketAddr::from(([127, 0, 0, 1], 80)), PathBuf::from("k"))));
    }

    #[test]
    fn leftovers_around_a_value_are_rejected() {
        for (value, message) in [
            ("data/x\r", "KEY=data/x\\r: it holds the control character U+000D"),
            ("\u{1b}[2Jx", "KEY=\\u{1b}[2Jx: it holds the control character U+001B"),
            ("\"data/x\"", "KEY=\"data/x\": it holds the quotes around the value: remove them"),
            ("'data/x", "KEY='data/x: it holds the quotes around the value: remove them"),
            (" data/x", "KEY= data/x: it begins or ends with white space"),
            ("data/x\u{a0}", "KEY=data/x\u{a0}: it begins or ends with white space"),
            ("data/\u{fffd}", "KEY=data/\u{fffd}: it is not UTF-8"),
        ] {
            assert_eq!(read(&HashMap::from([("KEY", value.to_owned())])).unwrap_err(), [message]);
        }
        let source = HashMap::from([("KEY", "a b/c'd \"é\".db".to_owned())]);
        assert_eq!(read(&source).unwrap().1, PathBuf::from("a b/c'd \"é\".db"));
    }

    #[test]
    fn an_address_with_a_password_is_not_quoted() {
        let mut reader = Reader::new(&Environment);
        const ADDRESS: Variable =
            Variable { name: "DB", default: Some("postgres://a:secret@b/c"), meaning: "" };
        assert_eq!(reader.read(&ADDRESS, path), None);
        assert_eq!(
            reader.finish(None::<()>),
            Err(vec!["DB=postgres:…: expected the path of a file".to_owned()])
        );
    }

    #[test]
    fn every_invalid_variable_is_named() {
        let invalid = read(&HashMap::from([("LISTEN", "x".to_owned())])).unwrap_err();
        let expected = ["LISTEN=x: expected an address like 127.0.0.1:5001", "KEY must be set: the key"];
        assert_eq!(invalid, expected);
    }
}
