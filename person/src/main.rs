//! The person service as a process.

use std::env;
use std::process::ExitCode;

use daemon::program::Program;
use person::config::{Config, LISTEN, VARIABLES};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
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
