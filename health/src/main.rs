//! The health service as a process.

use std::process::ExitCode;

use daemon::config::{self, Environment};
use daemon::{CommandLine, Probe, backup_to_stdout, healthcheck, restore_from_stdin, serve};
use health::adopt::adopt;
use health::config::{Config, FILE, LISTEN, VARIABLES};
use health::store::{self, Location};

const COMMAND_LINE: CommandLine = CommandLine {
    name: health::NAME,
    version: health::VERSION,
    about: "The health service of the lab: vital signs of the persons that the person service knows.",
    usage: CommandLine::SERVICE_USAGE,
    further_usage: "  adopt                 accept a new database of person; sets the records of the old one aside\n",
    variables: VARIABLES,
};

fn main() -> ExitCode {
    COMMAND_LINE.run(|arguments| match arguments {
        [] | ["serve"] => serve(&COMMAND_LINE, &LISTEN, Config::read, health::start),
        ["healthcheck"] => healthcheck(&LISTEN, Probe::Ready),
        ["healthcheck", "--live"] => healthcheck(&LISTEN, Probe::Live),
        ["backup"] => backup_to_stdout(|reader| Location::read(reader, &FILE), store::backup),
        ["restore"] => restore_from_stdin(|reader| Location::read(reader, &FILE), store::restore),
        ["adopt"] => Ok(adopt(config::read(&Environment, Config::read)?)?),
        unknown => Err(COMMAND_LINE.unknown(unknown)),
    })
}
