//! The person service as a process.

use std::process::ExitCode;

use daemon::program::{Program, with_arguments};
use person::config::{Config, DB, LISTEN, VARIABLES};
use person::store;

fn main() -> ExitCode {
    let program = Program {
        name: person::NAME,
        version: person::VERSION,
        about: "The person service of the lab: it alone says who exists.",
        subcommands: "",
        variables: VARIABLES,
        listen: LISTEN,
        store: DB,
        read: Config::read,
        start: person::start,
        backup: sqlite::backup,
        restore: store::restore,
    };
    with_arguments(person::NAME, |arguments| program.run(arguments))
}
