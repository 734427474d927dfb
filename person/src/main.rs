//! The person service as a process.

use std::process::ExitCode;

use daemon::{
    CommandLine, Failure, backup_to_stdout, config, healthcheck, listener, logs, restore_from_stdin, signals,
};
use person::config::{Config, DB, LISTEN, VARIABLES};
use person::store;

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
        [] | ["serve"] => serve(),
        ["healthcheck"] => healthcheck(&LISTEN),
        ["backup"] => backup_to_stdout(&DB, sqlite::backup),
        ["restore"] => restore_from_stdin(&DB, store::restore),
        unknown => Err(COMMAND_LINE.unknown(unknown)),
    })
}

fn serve() -> Result<String, Failure> {
    let (log, address, config) = config::read(&config::Environment, |reader| {
        let log = logs::Settings::read(reader);
        let address = reader.read(&LISTEN, config::address);
        let config = Config::read(reader);
        Some((log?, address?, config?))
    })?;
    let _flush = logs::start(log);
    signals::run_until_stopped(person::NAME, async |shutdown| {
        let listener = listener::bind(address, "PERSON_LISTEN chooses another")?;
        let running = person::start(config, listener, shutdown)?;
        tracing::info!(service = person::NAME, version = person::VERSION, address = %running.address(), "ready");
        running.finished().await
    })?;
    Ok(String::new())
}
