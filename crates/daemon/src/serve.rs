//! `serve`: the life of a service's process.

use tokio::net::TcpListener;

use crate::command_line::{CommandLine, Failure};
use crate::config::{self, Environment, Reader, Variable};
use crate::{Running, Shutdown, listener, logs, signals};

/// Starts the log, reads the configuration, listens on the address in `listen`, starts the service, and returns after a
/// clean stop.
///
/// # Errors
/// Returns a failure that names every invalid variable, or the error that ended the service.
pub fn serve<C>(
    CommandLine { name, version, .. }: &CommandLine,
    listen: &Variable,
    configure: impl FnOnce(&mut Reader<'_>) -> Option<C>,
    start: impl FnOnce(C, TcpListener, Shutdown) -> anyhow::Result<Running>,
) -> Result<String, Failure> {
    let (_flush, address, config) = config::read(&Environment, |reader| {
        // The log starts first: reading the rest may log a warning.
        let flush = logs::Settings::read(reader).map(logs::start);
        let address = reader.read(listen, config::address);
        let config = configure(reader);
        Some((flush?, address?, config?))
    })?;
    signals::run_until_stopped(name, async |shutdown| {
        let listener = listener::bind(address, &format!("{} chooses another", listen.name))?;
        let running = start(config, listener, shutdown)?;
        tracing::info!(service = name, version, address = %running.address(), "ready");
        running.finished().await
    })?;
    Ok(String::new())
}
