//! The health service as a process.

use std::process::ExitCode;

use daemon::program::{Program, with_arguments};
use health::config::{Config, LISTEN, VARIABLES};

fn main() -> ExitCode {
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
    with_arguments(health::NAME, |arguments| program.run(arguments))
}
