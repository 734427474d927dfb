//! The health service as a process.

use std::process::ExitCode;

use daemon::program::{Program, with_arguments};
use health::config::{Config, FILE, LISTEN, VARIABLES};
use health::vitals::Vitals;

fn main() -> ExitCode {
    let program = Program {
        name: health::NAME,
        version: health::VERSION,
        about: "The health service of the lab: vital signs of the persons that the person service knows.",
        subcommands: "",
        variables: VARIABLES,
        listen: LISTEN,
        store: FILE,
        read: Config::read,
        start: health::start,
        backup: journal::backup::<Vitals>,
        restore: journal::restore::<Vitals>,
    };
    with_arguments(health::NAME, |arguments| program.run(arguments))
}
