//! A service that was started.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::task::JoinHandle;

/// A service that accepts requests.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Describes a service that listens at `address` and lives as long as `task`.
    pub fn new(address: SocketAddr, task: JoinHandle<anyhow::Result<()>>) -> Self {
        Self { address, task }
    }

    /// Returns the address it listens on, with the port that the system chose if 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the service has stopped and its stores are closed.
    ///
    /// # Errors
    /// Returns an error message for the operator if anything but an order ended the service.
    pub async fn finished(self) -> anyhow::Result<()> {
        self.task.await.context("the accept loop ended")?
    }
}
