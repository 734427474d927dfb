//! The health service as a process.

use std::process::ExitCode;

use daemon::program::{Program, arguments};
use health::config::{Config, LISTEN, VARIABLES};

fn main() -> ExitCode {
    let arguments = match arguments(health::NAME) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let program = Program {
        name: health::NAME,
        version: health::VERSION,
        about: "The health service of the lab: vital signs of the persons that the person service knows.",
        subcommands: "",
        variables: VARIABLES,
        listen: LISTEN,
        read: Config::read,
        start: health::start,
    };
    program.run(&arguments)
}
