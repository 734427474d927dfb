//! The person service as a process.

use std::process::ExitCode;

use daemon::{CommandLine, Probe, backup_to_stdout, healthcheck, restore_from_stdin, serve};
use person::config::{Config, DB, LISTEN, VARIABLES};
use person::store::{self, Location};

const COMMAND_LINE: CommandLine = CommandLine {
    name: person::NAME,
    version: person::VERSION,
    about: "The person service of the lab: it alone decides who exists.",
    usage: CommandLine::SERVICE_USAGE,
    further_usage: "",
    variables: VARIABLES,
};

fn main() -> ExitCode {
    COMMAND_LINE.run(|arguments| match arguments {
        [] | ["serve"] => serve(&COMMAND_LINE, &LISTEN, Config::read, person::start),
        ["healthcheck"] => healthcheck(&LISTEN, Probe::Ready),
        ["healthcheck", "--live"] => healthcheck(&LISTEN, Probe::Live),
        ["backup"] => backup_to_stdout(|reader| Location::read(reader, &DB), store::backup),
        ["restore"] => restore_from_stdin(|reader| Location::read(reader, &DB), store::restore),
        unknown => Err(COMMAND_LINE.unknown(unknown)),
    })
}
