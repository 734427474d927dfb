//! The health service as a process.

use std::process::ExitCode;

use daemon::{
    CommandLine, Failure, backup_to_stdout, config, healthcheck, listener, logs, restore_from_stdin, signals,
};
use health::config::{Config, FILE, LISTEN, VARIABLES};
use health::vitals::Vitals;

const COMMAND_LINE: CommandLine = CommandLine {
    name: health::NAME,
    version: health::VERSION,
    about: "The health service of the lab: vital signs of the persons that the person service knows.",
    usage: CommandLine::SERVICE_USAGE,
    further_usage: "",
    variables: VARIABLES,
};

fn main() -> ExitCode {
    COMMAND_LINE.run(|arguments| match arguments {
        [] | ["serve"] => serve(),
        ["healthcheck"] => healthcheck(&LISTEN),
        ["backup"] => backup_to_stdout(&FILE, journal::backup::<Vitals>),
        ["restore"] => restore_from_stdin(&FILE, journal::restore::<Vitals>),
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
    signals::run_until_stopped(health::NAME, async |shutdown| {
        let listener = listener::bind(address, "HEALTH_LISTEN chooses another")?;
        let running = health::start(config, listener, shutdown)?;
        tracing::info!(service = health::NAME, version = health::VERSION, address = %running.address(), "ready");
        running.finished().await
    })?;
    Ok(String::new())
}
