//! The person service as a process.

use std::process::ExitCode;

use daemon::program::{Program, arguments};
use person::config::{Config, LISTEN, VARIABLES};

fn main() -> ExitCode {
    let arguments = match arguments(person::NAME) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let program = Program {
        name: person::NAME,
        version: person::VERSION,
        about: "The person service of the lab: it alone says who exists.",
        subcommands: "",
        variables: VARIABLES,
        listen: LISTEN,
        read: Config::read,
        start: person::start,
    };
    program.run(&arguments)
}
