//! A service inside the process of the test, on its own port.

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};

use daemon::{Running, Shutdown, Stop, shutdown};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::{Client, PATIENCE, eventually};

/// A running service. Dropping it stops the service and waits until its stores are closed.
#[derive(Debug)]
pub struct InProcess {
    address: SocketAddr,
    stop: Option<Stop>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl InProcess {
    /// Starts a service on a free port of the loopback interface.
    ///
    /// # Errors
    /// Returns the service's error message if it cannot start.
    pub fn start(
        start: impl FnOnce(TcpListener, Shutdown) -> anyhow::Result<Running> + Send + 'static,
    ) -> Result<Self, String> {
        Self::start_at("127.0.0.1:0".parse().expect("an address"), start)
    }

    /// Starts a service on this address.
    ///
    /// # Errors
    /// Returns the service's error message if it cannot start.
    pub fn start_at(
        address: SocketAddr,
        start: impl FnOnce(TcpListener, Shutdown) -> anyhow::Result<Running> + Send + 'static,
    ) -> Result<Self, String> {
        let (stop, shutdown) = shutdown();
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = Runtime::new().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind(address).await.map_err(anyhow::Error::from);
                match listener.and_then(|listener| start(listener, shutdown)) {
                    Ok(running) => {
                        sender.send(Ok(running.address())).expect("the test waits");
                        running.finished().await
                    }
                    Err(refusal) => {
                        sender.send(Err(format!("{refusal:#}"))).expect("the test waits");
                        Ok(())
                    }
                }
            })
        });
        let address = receiver.recv_timeout(PATIENCE).expect("the service starts in time")?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the address of the listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a client without a token.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Stops the service and waits until its stores are closed.
    ///
    /// # Errors
    /// Returns the service's error message if it ended because of a failure.
    pub fn stop(mut self) -> Result<(), String> {
        let ended = self.end().map_or(Ok(()), |thread| thread.join().expect("the service does not panic"));
        ended.map_err(|error| format!("{error:#}"))
    }

    /// Stops the service and waits until its thread has ended.
    fn end(&mut self) -> Option<JoinHandle<anyhow::Result<()>>> {
        drop(self.stop.take());
        let thread = self.thread.take()?;
        eventually("the service stops", || thread.is_finished().then_some(()));
        Some(thread)
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        // A second panic would hide the first.
        if thread::panicking() {
            drop(self.stop.take());
        } else {
            self.end().map(JoinHandle::join);
        }
    }
}
