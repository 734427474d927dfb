//! `backup` and `restore` as commands: a store's copy on its way to standard output, and from standard input.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Read, Write};
use std::path::PathBuf;

use crate::command_line::Failure;
use crate::config::{self, Environment, Reader};

/// Writes a copy of the store to standard output; the service may be running. `location` reads where the store is.
///
/// # Errors
/// Returns a failure if standard output is a terminal, if a variable is invalid, or the failure of `backup`.
pub fn backup_to_stdout<L>(
    location: impl FnOnce(&mut Reader<'_>) -> Option<L>,
    backup: impl FnOnce(&L, &mut dyn Write) -> anyhow::Result<()>,
) -> Result<String, Failure> {
    if io::stdout().is_terminal() {
        return Err(Failure::usage("redirect the copy to a file: `backup >FILE`"));
    }
    backup(&config::read(&Environment, location)?, &mut io::stdout())?;
    Ok(String::new())
}

/// Replaces the store with the copy on standard input, and returns a message that says where the old one is kept.
/// `location` reads where the store is.
///
/// # Errors
/// Returns a failure if standard input is a terminal, if a variable is invalid, or the failure of `restore`.
pub fn restore_from_stdin<L: Display>(
    location: impl FnOnce(&mut Reader<'_>) -> Option<L>,
    restore: impl FnOnce(&L, &mut dyn Read) -> anyhow::Result<Option<PathBuf>>,
) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        return Err(Failure::usage("read the copy from a file: `restore <FILE`"));
    }
    let store = config::read(&Environment, location)?;
    let kept = match restore(&store, &mut io::stdin())? {
        Some(kept) => format!("; the previous store is kept in {}", kept.display()),
        None => String::new(),
    };
    Ok(format!("{store} is restored{kept}.\n"))
}
