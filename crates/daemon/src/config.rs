//! Configuration from the environment. Every variable is described once; everything wrong is named at once.

use std::collections::HashMap;
use std::env;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

/// A variable: its name, what holds without it, and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// As the environment spells it.
    pub name: &'static str,
    /// The value where none is given; `None` for one that must be given.
    pub default: Option<&'static str>,
    /// One line for `--help`.
    pub meaning: &'static str,
}

/// Where values come from: the process environment, or a map in tests and in `lab`.
pub trait Source {
    /// The value of a variable, if it is set.
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

/// Reads variables and gathers what is wrong with them.
pub struct Reader<'s> {
    source: &'s dyn Source,
    wrong: Vec<String>,
}

impl<'s> Reader<'s> {
    /// A reader of this source.
    pub fn new(source: &'s dyn Source) -> Self {
        Self { source, wrong: Vec::new() }
    }

    /// Reads and parses one variable. An empty one counts as not set, as Compose writes it.
    ///
    /// `None` means that it is wrong and was noted; the refusal of `parse` completes "NAME=value ...".
    pub fn read<T>(
        &mut self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let name = variable.name;
        let given = self.source.get(name).filter(|value| !value.is_empty());
        let parsed = match given.as_deref().or(variable.default) {
            Some(value) => parse(value).map_err(|wrong| format!("{name}={value}: {wrong}")),
            None => Err(format!("{name} must be given: {}", variable.meaning)),
        };
        parsed.map_err(|wrong| self.wrong.push(wrong)).ok()
    }

    /// Gives the whole configuration, if every variable was right.
    ///
    /// # Errors
    /// A sentence for each variable that is wrong.
    pub fn finish<T>(self, config: Option<T>) -> Result<T, Vec<String>> {
        config.filter(|_| self.wrong.is_empty()).ok_or(self.wrong)
    }
}

/// Parses with `FromStr`; `example` shows what is expected.
pub fn like<T: FromStr>(example: &'static str) -> impl FnOnce(&str) -> Result<T, String> {
    move |value| value.parse().map_err(|_| format!("expected something like {example}"))
}

/// Takes a path as it is.
///
/// # Errors
/// None; the signature is that of the other parsers.
pub fn path(value: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(value))
}

/// The table of variables for `--help`.
pub fn table(variables: &[Variable]) -> String {
    let mut table = String::new();
    for Variable { name, default, meaning } in variables {
        let default = default.map_or_else(String::new, |default| format!(" [{default}]"));
        writeln!(table, "  {name:<21} {meaning}{default}").expect("writing to a string cannot fail");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: Variable = Variable { name: "PORT", default: Some("80"), meaning: "the port" };
    const KEY: Variable = Variable { name: "KEY", default: None, meaning: "the key" };

    fn read(source: &HashMap<&str, String>) -> Result<(u16, PathBuf), Vec<String>> {
        let mut reader = Reader::new(source);
        let port = reader.read(&PORT, like("80"));
        let key = reader.read(&KEY, path);
        reader.finish(port.zip(key))
    }

    #[test]
    fn defaults_hold_where_nothing_or_an_empty_string_is_given() {
        let given = HashMap::from([("KEY", "k".to_owned()), ("PORT", String::new())]);
        assert_eq!(read(&given), Ok((80, PathBuf::from("k"))));
    }

    #[test]
    fn every_wrong_variable_is_named() {
        let wrong = read(&HashMap::from([("PORT", "x".to_owned())])).unwrap_err();
        assert_eq!(wrong, ["PORT=x: expected something like 80", "KEY must be given: the key"]);
    }
}
