//! The arguments of a binary, its output and its exit code. Only `main` ends the process.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::config::{self, Variable};
use crate::logs;

/// `EX_USAGE` of sysexits.h: invalid arguments.
const EXIT_USAGE: u8 = 64;
/// `EX_CONFIG` of sysexits.h: an invalid variable.
const EXIT_CONFIG: u8 = 78;
/// The exit code of a shell for SIGINT.
const EXIT_INTERRUPTED: u8 = 130;

/// Why a command failed: the message for standard error, and the exit code.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The arguments are invalid.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: EXIT_USAGE }
    }

    /// Variables are invalid: one message for each.
    pub(crate) fn configuration(invalid: &[String]) -> Self {
        Self { message: invalid.join("\n  "), code: EXIT_CONFIG }
    }

    /// A second signal ended the process.
    pub(crate) fn interrupted() -> Self {
        Self { message: "second stop signal: exiting immediately".to_owned(), code: EXIT_INTERRUPTED }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, code: 1 }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        format!("{error:#}").into()
    }
}

/// The command line of a binary: its name, and what `--help` and `--version` print.
#[derive(Debug)]
pub struct CommandLine {
    /// The name of the binary.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// One line about its purpose.
    pub about: &'static str,
    /// The usage; [`CommandLine::SERVICE_USAGE`] for a service.
    pub usage: &'static str,
    /// Lines about further commands, appended to the usage.
    pub further_usage: &'static str,
    /// The variables that the binary reads; the variables of the log are added.
    pub variables: &'static [Variable],
}

impl CommandLine {
    /// The commands of every service.
    pub const SERVICE_USAGE: &str = "[COMMAND]

Commands:
  serve                 run the service (the default)
  healthcheck [--live]  ask a running service whether it is ready, or at least live: exit 0 or 1
  backup                write a copy of the store to standard output; the service may be running
  restore               replace the store with the copy on standard input
";

    /// Runs `command` on the arguments of this process, unless they ask for help or the version, and prints the text
    /// that it returns.
    pub fn run(&self, command: impl FnOnce(&[&str]) -> Result<String, Failure>) -> ExitCode {
        let arguments = env::args_os().skip(1).map(OsString::into_string).collect::<Result<Vec<_>, _>>();
        let outcome = match &arguments {
            Err(invalid) => Err(Failure::usage(format!("the argument {invalid:?} is not UTF-8"))),
            Ok(arguments) => match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["--help" | "-h" | "help"] => Ok(self.help()),
                ["--version" | "-V"] => Ok(format!("{} {}\n", self.name, self.version)),
                arguments => command(arguments),
            },
        };
        match outcome {
            Ok(text) => {
                // A reader that closes the pipe early, such as `| head -1`, is not a failure.
                let _ = io::stdout().write_all(text.as_bytes());
                ExitCode::SUCCESS
            }
            Err(Failure { message, code }) => {
                logs::print_error(&format!("{}: {message}", self.name));
                ExitCode::from(code)
            }
        }
    }

    /// Returns the failure for arguments that name no command.
    pub fn unknown(&self, arguments: &[&str]) -> Failure {
        Failure::usage(format!("unknown arguments: {}\n\n{}", arguments.join(" "), self.help()))
    }

    /// Returns the text of `--help`.
    pub fn help(&self) -> String {
        let Self { name, about, usage, further_usage, .. } = self;
        let variables = config::table(&[self.variables, &logs::VARIABLES].concat());
        format!(
            "{about}\n\nUsage: {name} {usage}{further_usage}  --help, --version\n\nEnvironment [default]:\n{variables}"
        )
    }
}
