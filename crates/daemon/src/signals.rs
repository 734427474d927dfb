//! SIGTERM and SIGINT, or Ctrl-C on Windows: the first orders a clean stop, the second ends the process immediately.

use anyhow::Context as _;
use tokio::runtime::Builder;

use crate::command_line::Failure;
use crate::shutdown::{Shutdown, Stop, shutdown};
use crate::system::Signals;

/// Runs `serve` on its own runtime until it returns or a second signal arrives.
///
/// # Errors
/// Returns the failure of `serve`, or one of the signals and the runtime.
pub fn run_until_stopped(
    name: &'static str,
    serve: impl AsyncFnOnce(Shutdown) -> anyhow::Result<()>,
) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let outcome = runtime.block_on(async {
        let (stop, shutdown) = shutdown();
        let signals = Signals::listen().context("cannot listen for signals")?;
        tokio::select! {
            outcome = serve(shutdown) => outcome.map_err(Failure::from),
            () = second_signal(name, signals, stop) => Err(Failure::interrupted()),
        }
    });
    // Tasks that ignored the order to stop are not waited for.
    runtime.shutdown_background();
    outcome
}

async fn second_signal(name: &str, mut signals: Signals, stop: Stop) {
    signals.next().await;
    stop.now();
    tracing::info!(service = name, "stopping");
    signals.next().await;
}
