//! `backup` and `restore` as commands: a store's copy on its way to standard output, and from standard input.

use std::io::{self, IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};

use crate::command_line::Failure;
use crate::config::{self, Environment, Variable};

/// Returns the path of the store that `variable` names.
///
/// # Errors
/// Returns a failure if the variable is invalid.
pub fn store_path(variable: &Variable) -> Result<PathBuf, Failure> {
    config::read(&Environment, |reader| reader.read(variable, config::path))
}

/// Writes a copy of the store to standard output; the service may be running.
///
/// # Errors
/// Returns a failure if standard output is a terminal, or the failure of `backup`.
pub fn backup_to_stdout(
    variable: &Variable,
    backup: impl FnOnce(&Path, &mut dyn Write) -> anyhow::Result<()>,
) -> Result<String, Failure> {
    if io::stdout().is_terminal() {
        return Err(Failure::usage("redirect the copy to a file: `backup >FILE`"));
    }
    backup(&store_path(variable)?, &mut io::stdout())?;
    Ok(String::new())
}

/// Replaces the store with the copy on standard input, and returns a message that says where the old one is kept.
///
/// # Errors
/// Returns a failure if standard input is a terminal, or the failure of `restore`.
pub fn restore_from_stdin(
    variable: &Variable,
    restore: impl FnOnce(&Path, &mut dyn Read) -> anyhow::Result<Option<PathBuf>>,
) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        return Err(Failure::usage("read the copy from a file: `restore <FILE`"));
    }
    let store = store_path(variable)?;
    let kept = match restore(&store, &mut io::stdin())? {
        Some(kept) => format!("; the previous store is kept in {}", kept.display()),
        None => String::new(),
    };
    Ok(format!("{} is restored{kept}.\n", store.display()))
}
